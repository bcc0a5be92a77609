Feature: The administrator sees every link, and can take each back

  @STM-01 @STM-02 @STM-03 @SPS-04
  Scenario: Find a link by its status and owner, look into it, revoke it with a reason
    Given an agency's link that somebody watches, and one that was revoked
    When the administrator opens all shares and filters by "Revoked"
    Then the revoked link is listed and the other is not
    When the administrator filters by "Watching now" and opens the link
    Then the history of the link says that a view was started
    When the administrator revokes it because of "Security"
    Then the viewer's picture is black within 1 second
    And the link is listed as revoked

  @STM-05 @IDN-01
  Scenario: An agency does not get to the administrator's pages
    When the agency opens the administrator's pages
    Then each of them says that there is nothing here

  @IDN-02 @STM-05
  Scenario: A guest with an account sees nobody's videos
    Given a guest has an account
    When the guest signs in
    Then the guest sees no video and can neither upload nor share
