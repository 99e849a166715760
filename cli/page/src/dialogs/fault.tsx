import { Dialog } from "../ui.js"
import { FaultForm } from "./faultForm.js"

export interface DialogProps {
  readonly onClose: () => void
  /** Closes the dialog and shows a text. */
  readonly onDone: (text: string) => void
}

export const FaultDialog = ({ onClose, onDone }: DialogProps) => (
  <Dialog title="Inject a fault" onClose={onClose}>
    <FaultForm onDone={onDone} />
  </Dialog>
)
