Feature: Many links are taken back by two people, or at once in an emergency

  @STM-02
  Scenario: Revoking all links of a video waits for a second administrator
    Given a link that somebody watches, and another to the same video
    When an administrator asks to revoke all links of that video
    Then the other administrator's page Approvals says that live links wait, and the picture still moves
    When the other administrator approves it, because "Agreed with the client."
    Then the viewer's picture is black within 1 second
    And neither of the links opens any more

  @SPS-04 @SPS-02
  Scenario: An emergency acts at once, and a second administrator reviews it
    Given a link that somebody watches, and another to the same video
    When an administrator revokes both in an emergency
    Then the viewer's picture is black within 1 second
    And neither of the links opens any more
    When the other administrator confirms on the page Approvals that it was right
    Then nothing waits there any more
