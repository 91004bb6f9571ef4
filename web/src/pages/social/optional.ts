import { type AsyncComponentLoader, type Component, defineAsyncComponent } from 'vue'
import { loadAlso } from '@/i18n'

const NOTHING: Component = { render: () => null }

/** A part about other accounts, with its texts. The page stands without it when it does not load. */
export function optional(load: AsyncComponentLoader, failed: () => void = () => {}): Component {
  const both = () => Promise.all([load(), loadAlso('social')]).then(([loaded]) => loaded)
  return defineAsyncComponent(() =>
    both().catch(() => {
      failed()
      return NOTHING
    }),
  )
}
