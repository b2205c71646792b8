import { MAX_ZOOM, MIN_ZOOM } from './camera.ts'

/** A picture that is moved and looked at, not changed: its cards are buttons, and the keys are the view's own. */
export const STILL = {
  nodesDraggable: false,
  nodesConnectable: false,
  nodesFocusable: false,
  edgesFocusable: false,
  elementsSelectable: false,
  disableKeyboardA11y: true,
  zoomOnDoubleClick: false,
  minZoom: MIN_ZOOM,
  maxZoom: MAX_ZOOM,
  deleteKeyCode: null,
  selectionKeyCode: null,
  multiSelectionKeyCode: null,
  panOnScroll: true,
} as const
