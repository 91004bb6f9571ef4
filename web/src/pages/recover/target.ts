import { maskContact } from '@/format'
import { isMobile, normalizeMobile, removeNoise } from '@/validation'

/** A mobile number or an email address in one spelling. */
export function normalizeTarget(target: string): string {
  return isMobile(target) ? normalizeMobile(target) : removeNoise(target)
}

/** Enough of it for its owner to recognize. */
export function maskTarget(target: string): string {
  return maskContact(normalizeTarget(target))
}
