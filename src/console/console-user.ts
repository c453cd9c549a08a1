import { type Caller, userCaller } from '../aws/caller.ts'

/** In whose name the console calls: user `console`, an administrator as long as nobody gives it policies. */
export function consoleUser(accountId: string): Caller {
  return userCaller(accountId, 'console')
}
