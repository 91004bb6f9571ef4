import { type AsyncComponentLoader, type Component, defineAsyncComponent } from 'vue'
import { loadPart } from '@/i18n'

const EMPTY: Component = { render: () => null }

/** A component about other accounts, with its texts. The page works without it when it fails to load. */
export function optionalComponent(load: AsyncComponentLoader, onFailure: () => void = () => {}): Component {
  const loadBoth = () => Promise.all([load(), loadPart('social')]).then(([loaded]) => loaded)
  return defineAsyncComponent(() =>
    loadBoth().catch(() => {
      onFailure()
      return EMPTY
    }),
  )
}
