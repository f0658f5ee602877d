// The site of docs/: `npm run docs` writes the API pages, then builds it into docs/.vitepress/dist.
const repository = 'https://github.com/dwcp-multiregion/dwcp-multiregion';

/** Links that leave docs/, or lead to files that are no pages, lead to the repository. */
const toRepository = (href) => {
  if (href.startsWith('../')) return `${repository}/blob/main/${href.slice(3)}`;
  return href.startsWith('examples/') ? `${repository}/blob/main/docs/${href}` : href;
};

const page = (text, link) => ({ text, link: `/${link}` });

export default {
  title: 'dwcp-multiregion',
  description: 'The global network as code',
  lang: 'en',
  cleanUrls: true,
  srcExclude: ['examples/**'],
  markdown: {
    config: (md) => {
      // The links of pages are rewritten before they are looked at for being dead.
      md.core.ruler.push('to-repository', ({ tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (href) token.attrSet('href', toRepository(href));
        }
      });
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
    nav: [page('First network', 'first-network'), page('Examples', 'examples'), page('API', 'reference/')],
    sidebar: {
      '/': [
        {
          text: 'Begin',
          items: [
            page('Your first network', 'first-network'),
            page('Describe a network', 'describe'),
            page('Examples', 'examples'),
          ],
        },
        {
          text: 'Design',
          items: [
            page('Routing and objectives', 'routing'),
            page('Traffic and reservations', 'traffic'),
            page('Bring your own VPC', 'own-vpc'),
          ],
        },
        {
          text: 'Change',
          items: [
            page('Review a change', 'review'),
            page('Other tools', 'exchange'),
            page('Regions', 'regions'),
            page('Merge branches', 'merging'),
            page('Deploy', 'deploy'),
            page('Upgrade', 'upgrade'),
          ],
        },
        {
          text: 'Operate',
          items: [
            page('Drain', 'drain'),
            page('A gateway’s host', 'host'),
            page('Rotate keys', 'keys'),
            page('Beside other software', 'beside'),
            page('When a gateway dies', 'takeover'),
            page('Operations', 'operations'),
            page('During an incident', 'incident'),
            page('Troubleshooting', 'troubleshooting'),
          ],
        },
        {
          text: 'Look up',
          items: [
            page('Commands', 'commands'),
            page('Diagnostic codes', 'codes'),
            page('API reference', 'reference/'),
            page('Measured', 'measured'),
            page('What a scanner says', 'scanner'),
          ],
        },
      ],
    },
  },
};
