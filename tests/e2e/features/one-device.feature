Feature: A link for one device, and a copy to take away

  @IDN-02
  Scenario: A link stays on the device that opened it first
    Given the agency has shared a video for one device
    When Jo watches by the link on her phone
    And Jo opens the link in a second tab of her phone
    Then the second tab plays too
    When Jo tries the link on her laptop
    Then the laptop is told nothing but that the link does not open
    When the agency releases the device
    And Jo watches by the link on her laptop
    Then the phone is refused

  @IDN-02
  Scenario: A viewer takes a copy with a watermark away
    Given the agency has shared a video whose marked copy may be taken away
    When Jo watches by the link on her laptop
    And she asks for a copy
    Then a video file is saved, and its link works no second time
