Feature: Playback in a browser that plays HLS by itself

  @SPS-06 @SPS-02
  Scenario: Tokens are renewed under it, a dead line is outlasted, and a revoke makes it black
    Given a link for anyone to a video that is longer than four tokens live
    And the viewer's browser leaves HLS to itself
    When the viewer opens the link
    And the viewer presses Watch
    Then the picture moves, played by the browser itself
    And it goes on past two token expiries without being loaded again
    When the line is dead until the token has ended
    Then the picture goes on from where it stood
    When the agency revokes that link
    Then the viewer's picture is black within 1 second
    And the viewer reads "The owner stopped sharing this video."
