Feature: A program works for somebody with a key of its own

  @IDN-01
  Scenario: An agency makes a key for one purpose, and takes it back
    Given an agency looks at its account's keys
    When it makes a key named "Nightly report" that may list videos
    Then the key is shown this once, and lists videos
    And the same key may neither list shares nor make keys
    When the agency revokes "Nightly report"
    Then the key opens nothing any more
