/** Finds functions by their length in lines, and names them as a reader would: by what they are called or handed to. */
import ts from 'typescript';

export type LongFunction = { readonly name: string; readonly lines: number };

const nameOf = (node: ts.SignatureDeclaration): string => {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  if (!ts.isCallExpression(parent)) return 'a function without a name';
  const [first] = parent.arguments;
  const title = first !== undefined && ts.isStringLiteralLike(first) ? ` '${first.text}'` : '';
  return `${parent.expression.getText()}${title}`;
};

const SUITES: ReadonlySet<string> = new Set(['describe', 'test', 'it', 't.test']);

const isSuiteCall = (node: ts.Node): boolean => ts.isCallExpression(node) && SUITES.has(node.expression.getText());

/** Holds tests of its own: it is a list of them. */
const listsTests = (node: ts.Node): boolean =>
  ts.forEachChild(node, (child) => isSuiteCall(child) || listsTests(child)) ?? false;

const linesOf = (node: ts.Node, file: ts.SourceFile): number => {
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.end) - lineAt(node.getStart()) + 1;
};

/** `file` must know the parents of its nodes. Functions that list tests are left out, what is in them is not. */
export const longFunctions = (file: ts.SourceFile, most: number): readonly LongFunction[] => {
  const found: LongFunction[] = [];
  const visit = (node: ts.Node): void => {
    if (linesOf(node, file) <= most) return;
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !listsTests(node))
      found.push({ name: nameOf(node), lines: linesOf(node, file) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};
