Feature: The receipt of an event proves itself

  @ALV-02
  Scenario: An owner takes the receipt of what happened, and anybody checks it in their own browser
    Given the agency has shared a video that anybody may watch
    When the owner saves the receipt of that from the page of the link
    And a stranger checks that file without signing in
    Then the page says that the event is proved, what is not, and has sent nothing anywhere
    When the stranger checks a copy in which one letter is changed
    Then the page says that it is not proved
