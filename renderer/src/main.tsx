import '../../preload/jitless.ts'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { connectBridge } from './bridge/connect.ts'
import './styles/base.css'

createRoot(document.getElementById('root')!).render(<App bridge={connectBridge()} />)
