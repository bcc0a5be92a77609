Feature: An owner follows up on a link

  @STM-02 @SPS-05
  Scenario: A revoke is scheduled on the link's page, and cancelled again
    Given an agency looks at a link of theirs for "jo@example.org"
    When they revoke it at a set time because "The content changed"
    Then the page says that the link is revoked then, and the link still opens
    When they cancel the revoke
    Then the link ends when it did before

  @SPS-01
  Scenario: The note changes, a reminder goes out, and the link lives longer
    Given an agency looks at a link of theirs for "jo@example.org"
    When they write the note "Second cut, with sound"
    And they remind "jo@example.org"
    And they let the link live three days longer
    Then "jo@example.org" has a mail, and the link says so

  @SPS-01 @STM-03
  Scenario: What was watched stands in the strip; who comes back sees the picture before the video
    Given a link for anyone, which a viewer watches for a while
    When its owner opens the page of the link
    Then the strip shows that part of the video was seen
    When the viewer comes back to the link
    Then the video's picture is there before the video
