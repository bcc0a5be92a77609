Feature: What a link may ask for, and who agrees to more

  @IDN-02 @SPS-03
  Scenario: Terms come first, a note stands beside the video, and a watermark moves over it
    Given the agency makes a link on its page that asks to agree to "Keep this to yourself.", with the note "Sound is not mixed yet." and a watermark
    When the viewer opens the link and agrees to "Keep this to yourself."
    Then the picture moves
    And the viewer reads "Sound is not mixed yet."
    And the viewer's watermark shows

  @IDN-02
  Scenario: A link that opens later lets in by itself when the time comes
    Given a link for anyone that opens in 12 seconds
    When the viewer opens the link
    Then the viewer reads "Not open yet"
    When the time has come and the viewer presses Watch
    Then the picture moves

  @SPS-08
  Scenario: A link beyond the limits waits for a second person, and is fetched once
    When the agency asks on its page for a link that lives 30 days, because "The season lasts a month."
    Then the agency reads that a second person decides
    When the administrator approves it on all shares, because "Agreed with the client."
    And the agency fetches the link on its page
    Then the viewer can watch by the fetched link
    And the agency cannot fetch it again

  @IDN-02 @STM-03
  Scenario: The administrator asks who could watch, and what would happen if somebody came
    Given a link for "@harbour.example" but not for "eve@harbour.example"
    When the administrator opens that link and asks what would happen if "eve@harbour.example" came
    Then the administrator reads that everybody at "harbour.example" could watch except "eve@harbour.example"
    And the answer for that address is no
