/** Which line is whose, in words beside the colour. */
export function Legend({ arms, control = true }: { arms: ('candidate' | 'control' | 'served')[]; control?: boolean }) {
  const words = { candidate: 'candidate', control: 'served model, asked again', served: 'served live' }
  return (
    <div className="legend">
      {arms
        .filter((arm) => control || arm !== 'control')
        .map((arm) => (
          <span key={arm}>
            <i className={`${arm}-ink`} />
            {words[arm]}
          </span>
        ))}
    </div>
  )
}
