/** The three characters that Slack reads as markup of its own: no `<!channel>`, no link from foreign text. */
export const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
