import './styles/tokens.css'
import './styles/base.css'
import './styles/forms.css'
import './styles/layout.css'
import { createApp } from 'vue'
import App from './App.vue'
import { onTooManyRequests } from './api/client'
import { boot } from './boot'
import { loadTexts } from './i18n'
import { router } from './router'
import { routes } from './routes'
import { watchTabs } from './session'

watchTabs()
onTooManyRequests(async (response) => (await import('./captcha')).passed(response))
for (const route of routes) router.addRoute(route)
const app = createApp(App).use(router)
// A page that did not load has been told by the router; the frame stands without it.
await Promise.all([loadTexts(boot.language), router.isReady().catch(() => {})])
app.mount('#app')
