import account from './account'
import activity from './activity'
import addresses from './addresses'
import devices from './devices'
import security from './security'

/** The pages of the account: loaded with the first of them. */
export default { ...account, ...addresses, ...security, ...devices, ...activity }
