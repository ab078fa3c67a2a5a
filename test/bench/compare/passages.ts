/**
 * Parts of answers as models write them, each said in two ways: prose, lists, tables and code, in several languages and scripts.
 * `#` stands for a digit.
 */
export const passages: readonly (readonly [string, string])[] = [
  [
    '1. Open **Settings** and choose *Network*.\n2. Press Reset and wait ## seconds.\n3. Enter the code AB-#### again.',
    '1. In **Settings**, go to *Network*.\n2. Press Reset, then wait ## seconds.\n3. Type the code AB-#### once more.',
  ],
  [
    '- Frame: aluminium, #.# kg\n- Battery: ### Wh, about ## km a charge\n- Brakes: hydraulic discs\n- Price: €1,##9.00 (incl. VAT)',
    '- Aluminium frame of #.# kg\n- ### Wh battery for roughly ## km\n- Hydraulic disc brakes\n- €1##9.00 with VAT',
  ],
  [
    '```python\ndef total(items, rate=0.##):\n    net = sum(i["price"] * i["count"] for i in items)\n    return round(net * (1 + rate), 2)\n```\nCall it with a list of dictionaries.',
    '```python\ndef total(items, rate=0.##):\n    net = sum(i["price"] * i["count"] for i in items)\n    return round(net * (1 + rate), 2)\n```\nPass a list of dictionaries to it.',
  ],
  [
    'Ihre Bestellung ####### wurde am 1#. März verschickt und kommt in # Werktagen an. Eine Rückgabe ist 14 Tage lang kostenlos, sofern das Siegel nicht gebrochen ist.',
    'Wir haben Ihre Bestellung ####### am 1#. März verschickt; rechnen Sie mit # Werktagen. Sie können sie 14 Tage lang kostenlos zurückgeben, sofern das Siegel nicht gebrochen ist.',
  ],
  [
    'Votre abonnement coûte ##,90 € par mois et peut être résilié jusqu’au 1# juin. Après cette date, il n’est pas remboursé.',
    'L’abonnement est à ##,90 € par mois ; vous pouvez le résilier jusqu’au 1# juin. Il n’est pas remboursé après cette date.',
  ],
  [
    'El envío cuesta #,95 € y tarda entre 3 y 5 días. Si no está en casa, el paquete se deja en la oficina de correos.',
    'Por #,95 € lo enviamos en 3 a 5 días. El paquete queda en la oficina de correos si no está en casa.',
  ],
  [
    'ご注文####号は3月1#日に発送されました。送料は###円です。返品は14日以内にお願いします。',
    'ご注文の####号を3月1#日に発送しました。送料は###円、返品は14日以内です。',
  ],
  [
    'Заказ ##### отправлен 1# апреля и придёт в течение 5 дней. Возврат возможен, если упаковка не вскрыта.',
    'Мы отправили заказ ##### 1# апреля; он придёт в течение 5 дней. Вернуть его можно, если упаковка не вскрыта.',
  ],
  [
    '| Plan | Storage | Price |\n| --- | --- | --- |\n| Basic | ## GB | $#.99 |\n| Team | 5## GB | $2#.99 |\n\nBoth plans can be cancelled at any time.',
    '| Plan | Storage | Price |\n| --- | --- | --- |\n| Basic | ## GB | $#.99 |\n| Team | 5## GB | $2#.99 |\n\nYou may cancel either plan at any time.',
  ],
  [
    'The theatre was founded by Maria Okafor in 19## and seats 1,### people. It does not show films, but the café next to it does. 🎭',
    'Maria Okafor founded the theatre in 19##; it has 1,### seats. Films are not shown there, only in the café next to it. 🎭',
  ],
  [
    'Photosynthesis turns light into chemical energy. Chlorophyll absorbs red and blue light, water is split, and oxygen is given off while sugar is built from carbon dioxide.',
    'In photosynthesis, light becomes chemical energy: chlorophyll takes in red and blue light, splits water, gives off oxygen and builds sugar from carbon dioxide.',
  ],
  [
    'Run `npm install --save-exact package@#.#.##` and restart the service on port 8###. See https://docs.example.com/guide/v#/install for the details.',
    'First `npm install --save-exact package@#.#.##`, then restart the service on port 8###. Details: https://docs.example.com/guide/v#/install.',
  ],
  [
    'Het pakket weegt #,# kg en wordt op 1# mei bezorgd. U kunt het niet laten bezorgen op zondag.',
    'Het pakket van #,# kg komt op 1# mei en kan niet op zondag worden bezorgd.',
  ],
  [
    'Il treno delle 1#:3# arriva a Bologna in # ore. Il biglietto costa ##,50 € e non è rimborsabile.',
    'Con il treno delle 1#:3# si è a Bologna in # ore. Il prezzo è di ##,50 € e non è rimborsabile.',
  ],
  [
    'Mix ### g of flour with # eggs and a pinch of salt, knead for 1# minutes and let the dough rest before you roll it out. Never add cold milk.',
    'Take ### g of flour, # eggs and a little salt, knead for 1# minutes, then leave the dough to rest and roll it out. Cold milk must never be added.',
  ],
  [
    'To see what failed, open the log, look for the last line that starts with ERROR and note its code. Most failures heal on their own.',
    'If you want to know what failed, look in the log for the last line that starts with ERROR, and note its code. Most failures heal by themselves.',
  ],
  [
    'The garden is open from 9:00 to 1#:30, on Mondays only until noon. Dogs are welcome on a lead; picnics are not allowed on the lawn.',
    'Opening hours of the garden: 9:00 to 1#:30, on Mondays until noon only. Dogs may come on a lead, but picnics on the lawn are not allowed.',
  ],
]
