import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Notice } from './notice.tsx'

interface DialogProps {
  title: string
  isWide?: boolean
  onClose(): void
  children: ComponentChildren
}

/** A dialog over the page; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, isWide = false, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} class={isWide ? 'wide' : undefined} aria-labelledby={id} onClose={onClose} onCancel={onClose}>
      <h1 id={id}>{title}</h1>
      {children}
    </dialog>
  )
}

interface FormDialogProps {
  title: string
  /** What its button says. */
  action: string
  isDanger?: boolean
  isWide?: boolean
  onClose(): void
  /** Does it; the dialog closes when it has, and shows what was refused when it was. */
  run(): Promise<unknown>
  children?: ComponentChildren
}

/** A dialog that does something. */
export function FormDialog({ title, action, isDanger = false, isWide, onClose, run, children }: FormDialogProps) {
  const [error, setError] = useState<Error>()
  const [isBusy, setBusy] = useState(false)
  const submit = (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    run().then(onClose, (thrown: Error) => {
      setError(thrown)
      setBusy(false)
    })
  }
  return (
    <Dialog title={title} isWide={isWide} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
        <Notice error={error} />
        <div class="bar">
          <button type="submit" class={isDanger ? 'danger' : 'main'} disabled={isBusy}>
            {action}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}
