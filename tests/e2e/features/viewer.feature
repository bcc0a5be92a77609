Feature: What a viewer sees, keeps and may know

  @IDN-02 @SPS-07
  Scenario: A viewer reads what is recorded, takes a copy and objects, also after the link has ended
    Given a link for anyone to a video with the chapters "0:00 Opening" and "0:05 Finish"
    When the viewer opens the link
    And the viewer presses Watch
    Then the picture moves
    When the viewer opens what is recorded about them
    Then they read when their view began, and take a copy of it
    When they object
    Then they read that how they watch is not recorded
    When the agency revokes that link
    Then the viewer reads "The owner stopped sharing this video."
    And what is recorded can still be opened there
    And it can be opened from the page of the dead link as well

  Scenario: Chapters lead through the video, and the place is remembered on this device after a yes
    Given a link for anyone to a video with the chapters "0:00 Opening" and "0:05 Finish"
    When the viewer opens the link
    And the viewer presses Watch
    Then the picture moves
    And nothing is kept on the viewer's device
    When the viewer says yes to being remembered, and goes to the chapter "Finish"
    And the viewer pauses and opens the link again
    Then they are told that it goes on from there
    And the player goes on from the chapter "Finish"
    When the viewer has it forgotten
    Then nothing is kept on the viewer's device
    When the viewer goes to the chapter "Opening" in the player's menu, with the keyboard alone
    Then the player goes on from the chapter "Opening"
    When the viewer presses the chapter "Finish" in the player's menu
    Then the player goes on from the chapter "Finish"
