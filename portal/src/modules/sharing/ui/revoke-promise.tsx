/** What a revoke can't promise at once: told where it applies. */
export function RevokePromise({ boundSeconds, confirmed }: { boundSeconds: number; confirmed: boolean }) {
  return (
    <>
      {boundSeconds > 0 && <p>What has been downloaded before may play on for {boundSeconds} s at most.</p>}
      {!confirmed && (
        <p className="text-warn">The video service has not confirmed yet. It is told again until it does.</p>
      )}
    </>
  )
}
