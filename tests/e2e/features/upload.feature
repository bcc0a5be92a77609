Feature: Uploading a video

  @E2E-01 @MUX-07
  Scenario: An upload survives a lost connection
    Given the agency uploads a video over a slow line
    When the connection is lost in the middle
    And the connection comes back
    Then the upload goes on where it stopped, and ends
    And the video plays on its own page

  @E2E-01 @MUX-07
  Scenario: An upload survives a reload of the page
    Given the agency uploads a video over a slow line
    When the agency reloads the page in the middle and chooses the same file again
    Then the upload goes on where it stopped, and ends

  @MUX-07
  Scenario: A file that is no video is refused with a reason
    When the agency uploads a file that only claims to be a video
    Then its card says that it failed, and why
    And the page of all uploads names the reason and who took each step

  @MUX-07
  Scenario: A second tab shows an upload of the first, and takes it up when that is closed
    Given the agency uploads a video over a slow line
    When the agency opens the uploads in a second tab
    Then the second tab shows how far the first one is
    And it offers to go on once the first one is closed

  @MUX-07
  Scenario: Another device of the same person goes on with an upload
    Given the agency uploads a video over a slow line
    When the same person signs in on a phone and chooses another file for it
    Then the phone refuses that file with a sentence
    When they choose the right file there
    Then the first device gives way, and the phone sends the rest
    And what arrived is what was sent

  @MUX-07
  Scenario: An upload is cancelled
    Given the agency uploads a video over a slow line
    When the agency cancels it
    Then the page of all uploads says so
