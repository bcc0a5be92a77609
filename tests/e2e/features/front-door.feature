Feature: What is not for somebody is not there

  @IDN-01 @ASVS-8.2.1 @ASVS-8.2.2 @ASVS-8.3.1
  Scenario: Every page is there for those it is for, and for nobody else
    When every page is opened by a visitor, a guest, two agencies and an administrator
    Then each page is shown to those it is declared for, and to nobody else

  @ASVS-13.4.1 @ASVS-13.4.2 @ASVS-13.4.3 @ASVS-13.4.4 @ASVS-13.4.6 @ASVS-3.4.4 @ASVS-3.4.5 @ASVS-3.4.6
  Scenario: The server gives away nothing of itself
    When somebody asks for sources, settings, folders and traces
    Then none of it is there, and no answer tells what runs here
    And each answer forbids guessing at types, referrers and frames

  Scenario: What no browser says of a navigation changes no page
    When pages, there and not there, are asked for with headers that only Next's own scripts or hosts send
    Then each is answered as it is without them, as a whole page or as the part that was asked for
