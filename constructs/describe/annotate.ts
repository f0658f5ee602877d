import { Annotations } from 'cdktf';
import type { IConstruct } from 'constructs';
import { formatDiagnostic, type Diagnostic } from '../../lib/diagnostics';
import type { DescriptionBook } from './description-book';

/**
 * Puts each diagnostic on the construct that caused it, or on the network if none did. An error fails
 * synth.
 */
export function annotate(
  network: IConstruct,
  book: DescriptionBook,
  diagnostics: readonly Diagnostic[],
): void {
  for (const diagnostic of diagnostics) {
    const annotations = Annotations.of(book.constructAt(diagnostic.path) ?? network);
    const text = formatDiagnostic(diagnostic);
    if (diagnostic.severity === 'error') annotations.addError(text);
    else annotations.addWarning(text);
  }
}
