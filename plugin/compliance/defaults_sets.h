/* SPDX-License-Identifier: BSD-3-Clause
 * The standard sets as data (defaults.c includes it): language, name, keywords and replies for help,
 * opt-out, opt-in. The first row is the article's, word for word (spec K1-K3). The others add only what
 * people of that language write; English keywords hold everywhere. Everyday words for "yes" are left out:
 * they are answers to other questions.
 * Ownership: constants. Threads: values. */
/* clang-format off */
SET("en", "English",
    "HELP|INFO",
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "CANCEL|END|QUIT|STOP|UNSUBSCRIBE|STOPALL|REVOKE|OPTOUT",
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START|YES|UNSTOP",
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.")
SET("fr", "French",
    "AIDE",
    "Répondez STOP pour vous désabonner. Des frais de messages et de données peuvent s'appliquer.",
    "ARRET|ARRETER|ARRETEZ|DESABONNER|DESABONNEMENT|DESINSCRIRE|ANNULER",
    "Votre désabonnement est enregistré. Vous ne recevrez plus de messages de ce numéro. "
    "Répondez START pour vous réabonner.",
    "REPRENDRE|REABONNER|DEBUT",
    "Votre réabonnement aux messages de ce numéro est enregistré. Répondez AIDE pour obtenir de l'aide. "
    "Répondez STOP pour vous désabonner. Des frais de messages et de données peuvent s'appliquer.")
SET("es", "Spanish",
    "AYUDA|INFORMACION",
    "Responda STOP para cancelar la suscripción. Pueden aplicarse tarifas de mensajes y datos.",
    "ALTO|PARAR|PARE|BAJA|CANCELAR|DETENER",
    "Ha cancelado su suscripción. No recibirá más mensajes de este número. "
    "Responda START para volver a suscribirse.",
    "ALTA|INICIAR|COMENZAR|REANUDAR",
    "Ha vuelto a suscribirse a los mensajes de este número. Responda AYUDA para obtener ayuda. "
    "Responda STOP para cancelar la suscripción. Pueden aplicarse tarifas de mensajes y datos.")
SET("pt", "Portuguese",
    "AJUDA",
    "Responda STOP para cancelar a subscrição. Podem aplicar-se tarifas de mensagens e dados.",
    "PARAR|PARE|SAIR|CANCELAR|REMOVER",
    "A sua subscrição foi cancelada. Não receberá mais mensagens deste número. "
    "Responda START para voltar a subscrever.",
    "INICIAR|COMEÇAR|RETOMAR",
    "Voltou a subscrever as mensagens deste número. Responda AJUDA para obter ajuda. "
    "Responda STOP para cancelar a subscrição. Podem aplicar-se tarifas de mensagens e dados.")
SET("de", "German",
    "HILFE",
    "Antworten Sie STOP, um sich abzumelden. Es können Kosten für Nachrichten und Daten anfallen.",
    "STOPP|ENDE|ABMELDEN|ABBESTELLEN|KÜNDIGEN",
    "Sie wurden abgemeldet. Sie erhalten keine Nachrichten mehr von dieser Nummer. "
    "Antworten Sie START, um sich wieder anzumelden.",
    "ANMELDEN|STARTEN",
    "Sie sind wieder für Nachrichten von dieser Nummer angemeldet. Antworten Sie HILFE für Hilfe. "
    "Antworten Sie STOP, um sich abzumelden. Es können Kosten für Nachrichten und Daten anfallen.")
SET("it", "Italian",
    "AIUTO",
    "Rispondi STOP per annullare l'iscrizione. Potrebbero essere applicati costi per messaggi e dati.",
    "FERMA|ANNULLA|CANCELLA|CANCELLAMI|DISISCRIVI|DISISCRIVIMI",
    "La tua iscrizione è stata annullata. Non riceverai più messaggi da questo numero. "
    "Rispondi START per iscriverti di nuovo.",
    "INIZIA|RIPRENDI|ISCRIVIMI",
    "La tua iscrizione ai messaggi di questo numero è di nuovo attiva. Rispondi AIUTO per assistenza. "
    "Rispondi STOP per annullare l'iscrizione. Potrebbero essere applicati costi per messaggi e dati.")
SET("nl", "Dutch",
    "HULP",
    "Antwoord STOP om u af te melden. Er kunnen kosten voor berichten en data gelden.",
    "STOPPEN|AFMELDEN|UITSCHRIJVEN|ANNULEREN",
    "U bent afgemeld. U ontvangt geen berichten meer van dit nummer. "
    "Antwoord START om u weer aan te melden.",
    "STARTEN|AANMELDEN|INSCHRIJVEN",
    "U bent weer aangemeld voor berichten van dit nummer. Antwoord HULP voor hulp. "
    "Antwoord STOP om u af te melden. Er kunnen kosten voor berichten en data gelden.")
SET("sv", "Swedish",
    "HJÄLP",
    "Svara STOP för att avsluta prenumerationen. Avgifter för meddelanden och data kan tillkomma.",
    "STOPP|AVSLUTA|AVREGISTRERA|AVBRYT",
    "Din prenumeration är avslutad. Du får inga fler meddelanden från det här numret. "
    "Svara START för att prenumerera igen.",
    "STARTA|ÅTERUPPTA",
    "Du prenumererar nu igen på meddelanden från det här numret. Svara HJÄLP för hjälp. "
    "Svara STOP för att avsluta prenumerationen. Avgifter för meddelanden och data kan tillkomma.")
SET("da", "Danish",
    "HJÆLP|HJAELP",
    "Svar STOP for at afmelde dig. Der kan være omkostninger for beskeder og data.",
    "AFMELD|FRAMELD|AFSLUT",
    "Du er nu afmeldt. Du modtager ikke flere beskeder fra dette nummer. "
    "Svar START for at tilmelde dig igen.",
    "TILMELD|GENOPTAG",
    "Du er igen tilmeldt beskeder fra dette nummer. Svar HJÆLP for hjælp. "
    "Svar STOP for at afmelde dig. Der kan være omkostninger for beskeder og data.")
SET("nb", "Norwegian",
    "HJELP",
    "Svar STOP for å melde deg av. Kostnader for meldinger og data kan påløpe.",
    "STOPP|AVSLUTT|AVMELD|MELD AV",
    "Du er nå avmeldt. Du får ikke flere meldinger fra dette nummeret. "
    "Svar START for å melde deg på igjen.",
    "PÅMELD|MELD PÅ|GJENOPPTA",
    "Du er igjen påmeldt meldinger fra dette nummeret. Svar HJELP for hjelp. "
    "Svar STOP for å melde deg av. Kostnader for meldinger og data kan påløpe.")
SET("fi", "Finnish",
    "APUA|OHJE",
    "Peru tilaus vastaamalla STOP. Viesteistä ja datasta voidaan periä maksu.",
    "LOPETA|PERU|PERUUTA|SEIS",
    "Tilauksesi on peruttu. Et saa enää viestejä tästä numerosta. Tilaa uudelleen vastaamalla START.",
    "ALOITA|TILAA|JATKA",
    "Olet tilannut uudelleen tämän numeron viestit. Saat ohjeita vastaamalla OHJE. "
    "Peru tilaus vastaamalla STOP. Viesteistä ja datasta voidaan periä maksu.")
SET("pl", "Polish",
    "POMOC",
    "Odpowiedz STOP, aby zrezygnować. Mogą obowiązywać opłaty za wiadomości i dane.",
    "ZATRZYMAJ|KONIEC|REZYGNUJĘ|WYPISZ|ANULUJ",
    "Rezygnacja została przyjęta. Nie będziesz już otrzymywać wiadomości z tego numeru. "
    "Odpowiedz START, aby wznowić.",
    "WZNÓW|ROZPOCZNIJ",
    "Wiadomości z tego numeru zostały wznowione. Odpowiedz POMOC, aby uzyskać pomoc. "
    "Odpowiedz STOP, aby zrezygnować. Mogą obowiązywać opłaty za wiadomości i dane.")
SET("cs", "Czech",
    "POMOC|NÁPOVĚDA",
    "Pro odhlášení odpovězte STOP. Mohou být účtovány poplatky za zprávy a data.",
    "ZASTAVIT|KONEC|ODHLÁSIT|ZRUŠIT",
    "Byli jste odhlášeni. Z tohoto čísla již nebudete dostávat žádné zprávy. "
    "Pro opětovné přihlášení odpovězte START.",
    "PŘIHLÁSIT|ZAHÁJIT|OBNOVIT",
    "Znovu jste přihlášeni k odběru zpráv z tohoto čísla. Pro nápovědu odpovězte POMOC. "
    "Pro odhlášení odpovězte STOP. Mohou být účtovány poplatky za zprávy a data.")
SET("ru", "Russian",
    "ПОМОЩЬ|СПРАВКА",
    "Ответьте STOP, чтобы отписаться. Может взиматься плата за сообщения и передачу данных.",
    "СТОП|ОТПИСАТЬСЯ|ОТПИСКА|ОТМЕНА|ОТКАЗ",
    "Вы отписались от рассылки. Вы больше не будете получать сообщения с этого номера. "
    "Ответьте START, чтобы подписаться снова.",
    "СТАРТ|ПОДПИСАТЬСЯ|ПОДПИСКА|ВОЗОБНОВИТЬ",
    "Вы снова подписаны на сообщения с этого номера. Ответьте ПОМОЩЬ для справки. "
    "Ответьте STOP, чтобы отписаться. Может взиматься плата за сообщения и передачу данных.")
SET("uk", "Ukrainian",
    "ДОПОМОГА|ДОВІДКА",
    "Надішліть STOP у відповідь, щоб відписатися. Може стягуватися плата за повідомлення та дані.",
    "СТОП|ВІДПИСАТИСЯ|ВІДПИСКА|СКАСУВАТИ|ВІДМОВА",
    "Ви відписалися. Ви більше не отримуватимете повідомлень із цього номера. "
    "Надішліть START у відповідь, щоб підписатися знову.",
    "СТАРТ|ПІДПИСАТИСЯ|ПІДПИСКА|ВІДНОВИТИ",
    "Ви знову підписані на повідомлення з цього номера. Надішліть ДОПОМОГА, щоб отримати довідку. "
    "Надішліть STOP, щоб відписатися. Може стягуватися плата за повідомлення та дані.")
SET("tr", "Turkish",
    "YARDIM|BİLGİ",
    "Abonelikten çıkmak için STOP yanıtını verin. Mesaj ve veri ücretleri uygulanabilir.",
    "DUR|DURDUR|İPTAL|RET|ÇIK",
    "Aboneliğiniz sona erdi. Bu numaradan artık mesaj almayacaksınız. "
    "Yeniden abone olmak için START yanıtını verin.",
    "BAŞLAT|BAŞLA|DEVAM",
    "Bu numaranın mesajlarına yeniden abone oldunuz. Yardım için YARDIM yanıtını verin. "
    "Abonelikten çıkmak için STOP yanıtını verin. Mesaj ve veri ücretleri uygulanabilir.")
SET("el", "Greek",
    "ΒΟΗΘΕΙΑ|ΠΛΗΡΟΦΟΡΙΕΣ",
    "Απαντήστε STOP για διαγραφή. Ενδέχεται να ισχύουν χρεώσεις μηνυμάτων και δεδομένων.",
    "ΣΤΟΠ|ΔΙΑΚΟΠΗ|ΔΙΑΓΡΑΦΗ|ΤΕΛΟΣ|ΑΚΥΡΩΣΗ",
    "Η διαγραφή σας ολοκληρώθηκε. Δεν θα λαμβάνετε πλέον μηνύματα από αυτόν τον αριθμό. "
    "Απαντήστε START για νέα εγγραφή.",
    "ΕΝΑΡΞΗ|ΕΓΓΡΑΦΗ",
    "Εγγραφήκατε ξανά στα μηνύματα αυτού του αριθμού. Απαντήστε ΒΟΗΘΕΙΑ για βοήθεια. "
    "Απαντήστε STOP για διαγραφή. Ενδέχεται να ισχύουν χρεώσεις μηνυμάτων και δεδομένων.")
SET("ja", "Japanese",
    "ヘルプ|問い合わせ",
    "配信を停止するには「STOP」と返信してください。メッセージ料金とデータ通信料がかかる場合があります。",
    "停止|配信停止|解除|配信解除|登録解除|退会|ストップ",
    "配信を停止しました。この番号からのメッセージは今後届きません。再登録するには「START」と返信してください。",
    "開始|再開|配信再開|再登録|スタート",
    "この番号からのメッセージを再登録しました。ヘルプは「HELP」と返信してください。"
    "配信を停止するには「STOP」と返信してください。メッセージ料金とデータ通信料がかかる場合があります。")
SET("zh", "Chinese",
    "帮助|幫助",
    "回复STOP即可退订。可能会收取短信费和流量费。",
    "退订|退訂|停止|取消|取消订阅|取消訂閱|TD",
    "您已成功退订，将不会再收到此号码发送的信息。回复START可重新订阅。",
    "订阅|訂閱|开始|開始|恢复|恢復",
    "您已重新订阅此号码的信息。回复HELP获取帮助。回复STOP即可退订。可能会收取短信费和流量费。")
SET("ko", "Korean",
    "도움말|도움",
    "수신을 거부하려면 STOP이라고 회신하세요. 메시지 및 데이터 요금이 부과될 수 있습니다.",
    "중지|정지|해지|취소|수신거부",
    "수신이 거부되었습니다. 이 번호에서 더 이상 메시지를 받지 않습니다. 다시 받으려면 START라고 회신하세요.",
    "시작|재개|수신동의",
    "이 번호의 메시지를 다시 받습니다. 도움이 필요하면 HELP라고 회신하세요. "
    "수신을 거부하려면 STOP이라고 회신하세요. 메시지 및 데이터 요금이 부과될 수 있습니다.")
SET("ar", "Arabic",
    "مساعدة",
    "أرسل STOP لإلغاء الاشتراك. قد تُطبق رسوم الرسائل والبيانات.",
    "إيقاف|أوقف|توقف|قف|إلغاء|إلغاء الاشتراك",
    "تم إلغاء اشتراكك. لن تصلك أي رسائل أخرى من هذا الرقم. أرسل START للاشتراك مجددا.",
    "ابدأ|بدء|اشتراك",
    "تم تجديد اشتراكك في رسائل هذا الرقم. أرسل HELP للمساعدة. أرسل STOP لإلغاء الاشتراك. "
    "قد تُطبق رسوم الرسائل والبيانات.")
SET("he", "Hebrew",
    "עזרה",
    "להסרה השיבו STOP. ייתכנו חיובים עבור הודעות ונתונים.",
    "הסר|הסרה|עצור|הפסק|ביטול",
    "הוסרת בהצלחה. לא יישלחו אליך עוד הודעות ממספר זה. להצטרפות מחדש השיבו START.",
    "התחל|הצטרף|חידוש",
    "הצטרפת מחדש להודעות ממספר זה. לעזרה השיבו HELP. להסרה השיבו STOP. "
    "ייתכנו חיובים עבור הודעות ונתונים.")
SET("id", "Indonesian",
    "BANTUAN",
    "Balas STOP untuk berhenti berlangganan. Tarif pesan dan data mungkin berlaku.",
    "BERHENTI|BATAL|KELUAR",
    "Anda telah berhenti berlangganan. Anda tidak akan menerima pesan lagi dari nomor ini. "
    "Balas START untuk berlangganan lagi.",
    "MULAI|LANGGANAN",
    "Anda berlangganan lagi pesan dari nomor ini. Balas BANTUAN untuk bantuan. "
    "Balas STOP untuk berhenti berlangganan. Tarif pesan dan data mungkin berlaku.")
/* clang-format on */
