Feature: The administrator works through many links without a mouse

  @STM-01 @STM-05
  Scenario: A view of the list is saved and shown first
    Given two links of an agency
    When the administrator lists the active links and saves that as "Live ones", to be shown first
    Then the list opens with "Live ones" from then on

  @STM-02 @STM-05 @SPS-04
  Scenario: Links are chosen and their revoke is asked for by keyboard alone
    Given two links of an agency
    When the administrator searches for both links by keyboard and chooses them with space
    And asks for their revoke by keyboard because of "Security"
    Then a second person has to decide, and both links still live
