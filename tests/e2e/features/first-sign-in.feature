Feature: The first administrator, and the people they let in

  @IDN-01 @ASVS-6.3.2
  Scenario: The first administrator signs in with the password of the first start
    When the administrator signs in
    Then the administrator sees the team's videos

  @IDN-01
  Scenario: A wrong password says nothing about which half was wrong
    When somebody signs in as the administrator with a wrong password
    Then they read "This e-mail and password do not belong together."

  @IDN-01
  Scenario: An agency joins by the link in its invitation
    Given the administrator has invited an agency
    When the agency opens the invitation and chooses a name and a password
    Then the agency sees no videos yet

  @IDN-01 @ASVS-6.4.1
  Scenario: An invitation works once
    Given an invitation that was used
    When somebody opens that invitation and chooses a name and a password
    Then they read "This invitation has been used, has run out, or was never made."

  @IDN-01 @SPS-05
  Scenario: Another agency cannot see a video, not even by its address
    Given the agency has a video that plays
    When another agency opens the address of that video
    Then they read that there is no such page
