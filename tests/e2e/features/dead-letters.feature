Feature: What the video service told and could not be applied is not lost

  @MUX-05 @MUX-09
  Scenario: Staff replay dead letters of one cause, and see first what that does
    Given two events about a video that failed because the video service did not answer
    When staff open the page Webhooks
    Then they see 2 letters under "The video service didn’t answer"
    When they ask to replay these, and are told what would be done
    And agree to it
    Then both are applied, and no dead letter of that cause is left

  @MUX-09 @MUX-02
  Scenario: A dead letter is given up with a reason; a forged webhook is counted and not kept
    Given an event that failed of a fault in the portal
    And a webhook that somebody forged
    When staff open the page Webhooks
    Then the forged one is counted under Refused
    When they discard the event, because "The season is over."
    Then it stands among the discarded ones, with the reason
