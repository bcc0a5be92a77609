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
