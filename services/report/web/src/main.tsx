import { createRoot } from 'react-dom/client'
import './style/base.css'
import './style/shell.css'
import './style/parts.css'
import { App } from './app.tsx'

createRoot(document.getElementById('root')!).render(<App />)
