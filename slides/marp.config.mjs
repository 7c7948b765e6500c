// Nothing from the network: no web fonts, no pictures for emoji, mathematics drawn here.
export default {
  themeSet: ['theme.css'],
  html: false,
  options: { markdown: { breaks: false }, emoji: { shortcode: false, unicode: false }, math: 'mathjax' },
}
