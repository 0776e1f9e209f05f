import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = readdirSync('src/features');

/** A feature may use lib, api and components, never another feature: features meet in app. */
const featuresStandAlone = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@/(app|features/(?!${feature}/))`,
            message: 'A feature never imports another feature or app; they meet in app.',
          },
          { group: ['../../*'], message: 'Use @/ outside the own folder.' },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'public', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 250 }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // a handler that is an async function is the ordinary case in JSX
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // arrow bodies such as `() => setOpen(true)` read better without braces
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // index signatures are read with brackets, as the compiler's noPropertyAccessFromIndexSignature wants
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['src/{lib,api,components}/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@/(app|features)/', message: 'What is shared knows no feature.' }] },
      ],
    },
  },
  ...featuresStandAlone,
  { files: ['*.js'], ...tseslint.configs.disableTypeChecked },
);
