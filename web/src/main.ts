import './styles/tokens.css'
import './styles/base.css'
import './styles/forms.css'
import './styles/layout.css'
import { createApp } from 'vue'
import { onCaptchaRequired, onStepUpRequired } from './api/client'
import App from './App.vue'
import { boot } from './boot'
import { loadTexts } from './i18n'
import { router } from './router'
import { routes } from './routes'
import { watchSession } from './session'

onCaptchaRequired(async (response) => (await import('./captcha')).solveCaptcha(response))
onStepUpRequired(async (response) => (await import('./stepUp')).confirmIdentity(response))
watchSession()
for (const route of routes) router.addRoute(route)
const app = createApp(App).use(router)
// A page that failed to load was reported by the router; the rest of the page works without it.
await Promise.all([loadTexts(boot.language), router.isReady().catch(() => {})])
app.mount('#app')
