import activate from './activate'
import common from './common'
import recover from './recover'
import register from './register'
import signin from './signin'

/** What everybody needs. inside.ts is for those who are signed in, legal.ts for its own two pages. */
export default { ...common, ...signin, ...register, ...recover, ...activate }
