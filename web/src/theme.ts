import { ref } from 'vue'
import { savePreference } from './preferences'

export type Theme = 'auto' | 'light' | 'dark'
const THEMES: Theme[] = ['auto', 'light', 'dark']
const root = document.documentElement

export const theme = ref((root.dataset.theme as Theme) || 'auto')

export function switchTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!
  if (theme.value === 'auto') delete root.dataset.theme
  else root.dataset.theme = theme.value
  savePreference('menpai_theme', theme.value === 'auto' ? '' : theme.value)
}
