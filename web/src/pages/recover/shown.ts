import { isMobile, normalMobile } from '@/checks'
import { masked } from '@/format'

/** A mobile or an e-mail as it is meant, whatever way it was typed. */
export function plain(target: string): string {
  return isMobile(target) ? normalMobile(target) : target.trim()
}

/** The same as others who see the screen may read it. */
export function shown(target: string): string {
  return masked(plain(target))
}
