Feature: Reading the audit log takes a second person, ends, and is itself in the log

  @ALV-05
  Scenario: An administrator asks, a colleague agrees, and the look stands in the log
    Given an administrator without a grant finds the log closed
    When they ask to read the log, because "Looking into ticket 4711."
    Then they see that a second person has to agree
    When the first administrator agrees to their reading
    Then they read the log, and find their own look in it

  @ALV-01
  Scenario: What each event means is published
    When the first administrator looks up "playback.issue" among the event types
    Then they see its label, its controls and how long it is kept
