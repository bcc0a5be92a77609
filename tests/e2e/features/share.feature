Feature: Sharing a video, and taking it back

  @E2E-02 @SPS-01 @SPS-02 @SPS-06 @IDN-02
  Scenario: A viewer proves an address, watches past token expiry, and goes black at the revoke
    Given the agency shares the video by verified e-mail on its page
    When the viewer opens the link in a private window and proves an address by the mailed code
    Then the picture moves
    And the picture goes on moving past two token expiries
    When the agency revokes the link on its page
    Then the viewer's picture is black within 1 second
    And the viewer reads "The owner stopped sharing this video."
    And nobody can open that link any more

  @SPS-02
  Scenario: Opening a link spends no view; pressing Watch does
    Given a link for anyone with one view
    When the viewer opens the link 3 times
    And the viewer presses Watch
    Then the picture moves
    When a second viewer opens the link
    Then the second viewer reads "This link does not open."

  @SPS-07 @E2E-02
  Scenario: A used-up, an unknown and a revoked link look the same
    Then a used-up, an unknown and a revoked link give one answer and one page

  @IDN-02
  Scenario: A wrong code does not open the link
    Given a link by verified e-mail
    When the viewer opens the link and enters a wrong code
    Then the viewer reads "This is not the code we sent, or it is older than ten minutes."

  @IDN-02
  Scenario: A password on top of a link
    Given a link for anyone with the password "north side lights"
    When the viewer opens the link and enters the password "wrong password"
    Then the viewer reads "This password is not right."
    When the viewer enters the password "north side lights"
    Then the picture moves

  @STM-05 @IDN-02
  Scenario: The keyboard alone is enough to get in and watch
    Given a link by verified e-mail
    When the viewer passes the gate with the keyboard alone
    Then the picture moves
    And the space bar pauses it
