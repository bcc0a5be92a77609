Feature: One's own account

  @IDN-01
  Scenario: Somebody makes a passkey and signs in with it
    Given somebody's device has a lock that it opens for them
    And somebody has an account and looks at its security
    When they add a passkey named "work laptop"
    And they sign out and come back with the passkey
    Then they see their videos

  @IDN-01
  Scenario: Somebody sets up an authenticator app and is asked for its code
    Given somebody has an account and looks at its security
    When they set up an authenticator app and keep the recovery codes
    And they sign out and sign in with their password
    Then they are asked for a code, and a recovery code lets them in once
