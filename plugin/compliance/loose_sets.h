/* SPDX-License-Identifier: BSD-3-Clause
 * What people write around a STOP, and instead of one, as data (loose.c includes it; field C30, C31): language; the
 * keywords that may stand in more than themselves (STOP, STOPALL, UNSUBSCRIBE, OPTOUT, REVOKE and what translates
 * them; not CANCEL, END, QUIT: those are words of other conversations); words of courtesy; phrases that are an
 * opt-out by themselves; how a signature line begins; how a mail program marks an answer, before the colon.
 * All languages hold everywhere: a person writes in their own. Everything is compared folded.
 * Ownership: constants. Threads: values. */
/* clang-format off */
LOOSE("en",
    "STOP|STOPALL|UNSUBSCRIBE|OPTOUT|REVOKE",
    "please|pls|plz|kindly|thanks|thank you|thank u|many thanks|thanks a lot|thank you very much|thank you so much|"
    "thanks so much|no thanks|no thank you|no thx|thx|tnx|tks|ty|cheers|now|sorry|sir|madam|dear sir|dear madam|"
    "hello|hi|hey|good morning|good day|good afternoon|good evening|regards|kind regards|best regards|sincerely",
    "remove me|take me off|take me off your list|take me off this list|take me off the list|"
    "remove me from your list|remove me from this list|remove me from the list|remove my number|"
    "remove my number from your list|delete my number|unsubscribe me|unsubscribe me from your list|"
    "unsubscribe me from this list|opt me out|i want to opt out|i would like to opt out|i'd like to opt out|"
    "i wish to opt out|i want to unsubscribe|i would like to unsubscribe|i'd like to unsubscribe|"
    "i wish to unsubscribe|stop spamming me|stop texting this number|stop text messages|stop all text messages|"
    "stop sending me text messages|stop sending text messages|stop sending me sms|no more text messages|"
    "do not text me again|dont text me again|do not text me anymore|dont text me anymore|"
    "do not text this number|dont text this number|do not contact me again|dont contact me again|"
    "do not contact me anymore|dont contact me anymore|do not message me|dont message me|"
    "do not send me messages|dont send me messages|stop texting|stop texting me|stop messaging me|stop sending me messages|"
    "stop sending me texts|stop sending messages|stop sending texts|stop messages|stop all messages|stop texts|"
    "stop all texts|stop contacting me|stop the messages|stop the texts|stop these messages|stop these texts|"
    "do not text me|dont text me|do not contact me|dont contact me|do not text|do not contact|no more messages|"
    "no more texts|revoke consent|revoke my consent|i revoke consent|i revoke my consent|withdraw consent|"
    "withdraw my consent|i withdraw my consent",
    "sent from|sent via|sent with|get outlook for",
    "re")
LOOSE("fr",
    "ARRET|ARRETER|ARRETEZ|DESABONNER|DESABONNEMENT|DESINSCRIRE",
    "s'il vous plaît|s'il te plaît|svp|stp|merci|merci beaucoup|merci d'avance|bonjour|cordialement",
    "arrêtez de m'écrire|ne m'écrivez plus|arrêtez de m'envoyer des messages|désabonnez-moi|désinscrivez-moi|"
    "ne m'écrivez plus jamais|ne m'envoyez plus de messages|ne m'envoyez plus de SMS|plus de SMS|"
    "je veux me désabonner|arrêtez les messages|arrêtez les SMS|retirez-moi|retirez-moi de votre liste|plus de messages|je retire mon consentement|"
    "je ne veux plus recevoir de messages",
    "envoyé de mon|envoyé depuis|envoyé à partir",
    "ré|rép")
LOOSE("es",
    "ALTO|PARAR|PARE|BAJA|DETENER",
    "por favor|porfavor|porfa|gracias|muchas gracias|hola|saludos",
    "no me escriban|no me escriban más|dejen de escribirme|dejen de enviarme mensajes|no más mensajes|dame de baja|"
    "no me envíen más mensajes|no me envíen mensajes|no me manden más mensajes|no me manden mensajes|"
    "no quiero recibir mensajes|no quiero recibir más mensajes|no quiero más mensajes|dar de baja|"
    "denme de baja|quiero darme de baja|darme de baja|elimínenme de la lista|revoco mi consentimiento|"
    "retiro mi consentimiento",
    "enviado desde|enviado con",
    "rv")
LOOSE("pt",
    "PARAR|PARE|REMOVER",
    "por favor|obrigado|obrigada|muito obrigado|pf|pfv|olá",
    "me remova|remova-me|retirem-me da lista|parem de me mandar mensagens|não me enviem mais mensagens|"
    "não me mandem mais mensagens|parem de me enviar mensagens|quero cancelar a inscrição|"
    "não quero mais receber mensagens|chega de mensagens|revogo meu consentimento|retiro o meu consentimento",
    "enviado do meu|enviado pelo|enviado do",
    "res")
LOOSE("de",
    "STOPP|ABMELDEN|ABBESTELLEN",
    "bitte|danke|vielen dank|besten dank|danke schön|dankeschön|hallo|mfg|mit freundlichen grüßen|grüße|"
    "viele grüße",
    "melden Sie mich ab|meldet mich ab|ich möchte mich abmelden|keine Nachrichten mehr|keine SMS mehr|"
    "keine weiteren Nachrichten|keine weiteren SMS|nicht mehr schreiben|nicht mehr anschreiben|"
    "keine Werbung mehr|senden Sie mir keine Nachrichten mehr|senden Sie mir keine SMS mehr|"
    "schicken Sie mir keine SMS mehr|nehmt mich aus der Liste|"
    "schreiben Sie mir nicht mehr|schreibt mir nicht mehr|hört auf mir zu schreiben|nehmen Sie mich aus der Liste|"
    "streichen Sie mich|Einwilligung widerrufen|ich widerrufe meine Einwilligung|ich widerrufe",
    "von meinem|gesendet von|gesendet mit|diese Nachricht wurde von meinem",
    "aw|wg")
LOOSE("it",
    "FERMA|CANCELLAMI|DISISCRIVI|DISISCRIVIMI",
    "per favore|per piacere|grazie|grazie mille|cortesemente|salve|buongiorno",
    "disiscrivetemi|cancellatemi|rimuovetemi|toglietemi dalla lista|rimuovimi|non scrivetemi più|basta messaggi|"
    "non inviatemi più messaggi|non mandatemi più messaggi|basta SMS|voglio disiscrivermi|"
    "smettetela di scrivermi|non voglio più messaggi|revoco il consenso|revoco il mio consenso",
    "inviato da|inviato dal",
    "r|rif")
LOOSE("nl",
    "STOPPEN|AFMELDEN|UITSCHRIJVEN",
    "alstublieft|aub|alsjeblieft|graag|dank u|dank je|bedankt|dank u wel|hallo|groeten",
    "meld mij af|schrijf mij uit|verwijder mij|geen berichten meer|geen sms meer|stuur geen berichten meer|stop met berichten|"
    "stuur mij geen berichten meer|ik trek mijn toestemming in",
    "verzonden vanaf|verstuurd vanaf|verzonden met|verstuurd met",
    "antw")
LOOSE("sv",
    "STOPP|AVREGISTRERA",
    "tack|tack så mycket|snälla|vänligen|hej|mvh",
    "avregistrera mig|ta bort mig|inga fler meddelanden|sluta skicka meddelanden|sluta skriva till mig|"
    "jag återkallar mitt samtycke",
    "skickat från",
    "sv")
LOOSE("da",
    "AFMELD|FRAMELD",
    "tak|mange tak|venligst|hej|mvh",
    "afmeld mig|fjern mig|ikke flere beskeder|stop med at skrive til mig|stop med at sende beskeder|"
    "jeg trækker mit samtykke tilbage",
    "sendt fra",
    "vs")
LOOSE("nb",
    "STOPP|AVMELD|MELD AV",
    "takk|mange takk|vennligst|vær så snill|hei|mvh",
    "meld meg av|fjern meg|ikke flere meldinger|slutt å sende meldinger|slutt å skrive til meg|"
    "jeg trekker samtykket tilbake",
    "sendt fra",
    "sv")
LOOSE("fi",
    "LOPETA|SEIS",
    "kiitos|paljon kiitoksia|ole hyvä|hei",
    "poista minut|poistakaa minut|ei enää viestejä|lopettakaa viestien lähettäminen|älkää lähettäkö viestejä|"
    "perun suostumukseni",
    "lähetetty",
    "vs|vl")
LOOSE("pl",
    "ZATRZYMAJ|REZYGNUJĘ|WYPISZ",
    "proszę|dziękuję|dzięki|dziękuję bardzo|dzień dobry|pozdrawiam",
    "wypisz mnie|wypiszcie mnie|usuń mnie|usuńcie mnie|nie pisz do mnie|nie piszcie do mnie|"
    "nie chcę więcej wiadomości|proszę nie pisać|cofam zgodę|wycofuję zgodę",
    "wysłane z|wysłano z",
    "odp")
LOOSE("cs",
    "ZASTAVIT|ODHLÁSIT",
    "prosím|děkuji|díky|dobrý den",
    "odhlaste mě|odstraňte mě|už mi nepište|nepište mi|nechci další zprávy|odvolávám souhlas",
    "odesláno z",
    "re")
LOOSE("ru",
    "СТОП|ОТПИСАТЬСЯ|ОТПИСКА|ОТКАЗ",
    "пожалуйста|спасибо|большое спасибо|прошу|плиз|здравствуйте",
    "отпишите меня|удалите меня|уберите меня|не пишите мне|больше не пишите|не пишите мне больше|больше не пишите мне|"
    "не пишите больше|не присылайте сообщения|не присылайте мне сообщения|больше не присылайте|"
    "больше не присылайте сообщения|больше не присылайте мне сообщения|не присылайте больше|"
    "не присылайте мне больше сообщений|"
    "прекратите рассылку|отзываю согласие|отзываю своё согласие",
    "отправлено с|отправлено из",
    "re")
LOOSE("uk",
    "СТОП|ВІДПИСАТИСЯ|ВІДПИСКА|ВІДМОВА",
    "будь ласка|дякую|прошу|добрий день",
    "відпишіть мене|видаліть мене|не пишіть мені|не пишіть мені більше|більше не пишіть|"
    "більше не пишіть мені|не надсилайте повідомлення|більше не надсилайте повідомлення|припиніть розсилку|відкликаю згоду",
    "надіслано з",
    "re")
LOOSE("tr",
    "DUR|DURDUR|RET",
    "lütfen|teşekkürler|teşekkür ederim|sağol|sağ olun|merhaba",
    "beni listeden çıkarın|beni çıkarın|aboneliğimi iptal edin|mesaj göndermeyin|bana mesaj göndermeyin|"
    "bana mesaj atmayın|mesaj atmayın|artık mesaj göndermeyin|artık mesaj atmayın|mesaj istemiyorum|onayımı geri çekiyorum|iznimi geri çekiyorum",
    "iPhone'umdan gönderildi|Android'den gönderildi|gönderen",
    "ynt")
LOOSE("el",
    "ΣΤΟΠ|ΔΙΑΚΟΠΗ|ΔΙΑΓΡΑΦΗ",
    "παρακαλώ|ευχαριστώ|ευχαριστώ πολύ|σας παρακαλώ",
    "διαγράψτε με|αφαιρέστε με|μη μου στέλνετε μηνύματα|σταματήστε τα μηνύματα|ανακαλώ τη συγκατάθεσή μου",
    "στάλθηκε από|εστάλη από",
    "απ|σχετ")
LOOSE("ja",
    "停止|配信停止|解除|配信解除|登録解除|退会|ストップ",
    "してください|して下さい|をしてください|お願いします|をお願いします|お願い致します|をお願い致します|お願いいたします|"
    "をお願いいたします|願います|ください|ありがとうございます|ありがとう|すみません",
    "配信を停止|登録を解除|送らないで|もう送らないで|メールを止めて|メッセージを止めて|同意を撤回|同意を撤回します",
    "iPhoneから送信|Androidから送信|スマートフォンから送信",
    "返信")
LOOSE("zh",
    "退订|退訂|停止|取消订阅|取消訂閱|TD",
    "请|請|谢谢|謝謝|谢谢你|谢谢您|拜托|你好|您好",
    "不要再发|不要再发了|别再发了|请勿再发|不要再發|不要再發了|別再發了|不要再发短信|取消我的订阅|把我移除|撤回同意",
    "发自我的|發自我的|来自我的|從我的",
    "回复|答复|回覆")
LOOSE("ko",
    "중지|정지|해지|수신거부",
    "부탁드립니다|부탁합니다|부탁드려요|해주세요|해 주세요|하여 주십시오|제발|바랍니다|요청합니다|합니다|감사합니다|고맙습니다",
    "그만 보내세요|문자 보내지 마세요|메시지 보내지 마세요|더 이상 보내지 마세요|동의 철회|동의를 철회합니다",
    "나의 iPhone에서 보냄|iPhone에서 보냄|Android에서 보냄",
    "회신")
LOOSE("ar",
    "إيقاف|أوقف|توقف|قف|إلغاء الاشتراك",
    "من فضلك|من فضلكم|لو سمحت|لو سمحتم|رجاء|الرجاء|شكرا|شكرا جزيلا",
    "لا ترسلوا لي رسائل|أوقفوا الرسائل|ألغوا اشتراكي|أزيلوني من القائمة|أسحب موافقتي",
    "أرسلت من|مرسل من|أرسل من",
    "رد")
LOOSE("he",
    "הסר|הסרה|עצור|הפסק",
    "בבקשה|תודה|תודה רבה|אנא|שלום",
    "הסר אותי|הסירו אותי|תסירו אותי|אל תשלחו לי הודעות|תפסיקו לשלוח לי הודעות|אני מבטל את הסכמתי",
    "נשלח מה",
    "השב")
LOOSE("id",
    "BERHENTI",
    "tolong|mohon|silakan|terima kasih|makasih|halo",
    "hapus saya|hapus nomor saya|berhenti mengirim pesan|jangan kirim pesan|jangan kirim pesan lagi|"
    "jangan sms saya lagi|saya cabut persetujuan saya",
    "dikirim dari",
    "bls")
/* clang-format on */
