import './styles/tokens.css'
import './styles/base.css'
import './styles/forms.css'
import './styles/layout.css'
import { createApp } from 'vue'
import App from './App.vue'
import { boot } from './boot'
import { loadTexts } from './i18n'
import { router } from './router'
import { watchTabs } from './session'

watchTabs()
const app = createApp(App).use(router)
// A page that did not load has been told by the router; the frame stands without it.
await Promise.all([loadTexts(boot.language), router.isReady().catch(() => {})])
app.mount('#app')
