Feature: Playback from Mux's cloud

  @SPS-06 @SPS-02
  Scenario: Every token brings other addresses, and the viewer notices nothing
    Given a link for anyone to a video that lies at Mux's cloud
    When somebody presses Watch on it
    Then the picture goes on past three of Mux's expiries without a stall, a reload or a refused request
    When the agency revokes that link at its portal
    Then the picture from Mux is black within 1 second
