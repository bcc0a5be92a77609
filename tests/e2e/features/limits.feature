Feature: A limit is told, ends by itself, and is lifted by two people

  @RLA-03 @RLA-07
  Scenario: Somebody who was limited reads which limit, asks for more, and a second person agrees
    Given a portal where an agency has used up its uploads of the day
    When they open what the refusal names
    Then they read which limit it was, until when, that nothing is locked, and what is kept of it
    When they ask for 40 uploads, because "Festival delivery, forty reels until Friday."
    Then their uploads are still refused
    When the administrator agrees to the higher limit
    Then their uploads go through again, and the administrator sees until when
