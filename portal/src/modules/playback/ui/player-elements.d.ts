import type { DetailedHTMLProps, HTMLAttributes } from 'react'

type Part = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & Record<string, unknown>

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'hls-video': Part
      'media-captions-menu': Part
      'media-captions-menu-button': Part
      'media-chrome-menu': Part
      'media-chrome-menu-button': Part
      'media-chrome-menu-item': Part
      'media-control-bar': Part
      'media-controller': Part
      'media-fullscreen-button': Part
      'media-loading-indicator': Part
      'media-mute-button': Part
      'media-pip-button': Part
      'media-play-button': Part
      'media-playback-rate-menu': Part
      'media-playback-rate-menu-button': Part
      'media-preview-chapter-display': Part
      'media-preview-thumbnail': Part
      'media-preview-time-display': Part
      'media-rendition-menu': Part
      'media-rendition-menu-button': Part
      'media-time-display': Part
      'media-time-range': Part
      'media-volume-range': Part
    }
  }
}
