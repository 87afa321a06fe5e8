//! The words of the waiting page, in each language it speaks. The first is the fallback.

use serde::Serialize;

/// Everything the page says of itself.
#[derive(Debug, Serialize)]
pub struct Words {
    /// BCP 47 tag.
    pub language: &'static str,
    /// Above the button of who has not joined.
    pub welcome: &'static str,
    /// The button.
    pub join: &'static str,
    /// In the queue.
    pub waiting: &'static str,
    /// In the queue before the sale opens.
    pub before: &'static str,
    /// Before the time of the opening.
    pub opens: &'static str,
    /// Away when called, or too late to claim.
    pub returning: &'static str,
    /// It is the visitor's turn.
    pub called: &'static str,
    /// Before the time left to claim.
    pub claim_left: &'static str,
    /// The button.
    pub claim: &'static str,
    /// In the shop.
    pub active: &'static str,
    /// What that means.
    pub active_means: &'static str,
    /// The link.
    pub shop: &'static str,
    /// The place has ended.
    pub ended: &'static str,
    /// Everyone is sent elsewhere.
    pub redirected: &'static str,
    /// The link.
    pub go_there: &'static str,
    /// Nobody is called now.
    pub paused: &'static str,
    /// The sale is over.
    pub closed: &'static str,
    /// Few are left.
    pub low: &'static str,
    /// All that is left is in baskets.
    pub in_baskets: &'static str,
    /// Nothing is left.
    pub sold_out: &'static str,
    /// The first label of the figures.
    pub number: &'static str,
    /// How many are ahead.
    pub ahead: &'static str,
    /// Nobody is ahead.
    pub next: &'static str,
    /// How much of the way is done.
    pub progress: &'static str,
    /// The wait.
    pub wait: &'static str,
    /// Unit of a wait.
    pub minutes: &'static str,
    /// Between two figures.
    pub to: &'static str,
    /// What reloading does.
    pub reload: &'static str,
    /// The heading of the table.
    pub left: &'static str,
    /// A column.
    pub performance: &'static str,
    /// A column.
    pub status: &'static str,
    /// After the number of performances that the table leaves out.
    pub more: &'static str,
    /// Opens the form for giving up.
    pub leave_question: &'static str,
    /// What giving up means.
    pub leave_means: &'static str,
    /// The button.
    pub leave: &'static str,
    /// Opens the form for leaving the shop.
    pub leave_shop_question: &'static str,
    /// What leaving means.
    pub leave_shop_means: &'static str,
    /// The button for who is in the shop.
    pub leave_shop: &'static str,
    /// A status.
    pub status_on_sale: &'static str,
    /// A status; the figure stands before it.
    pub status_low: &'static str,
    /// A status; the figure stands before it.
    pub status_in_baskets: &'static str,
    /// A status.
    pub status_sold_out: &'static str,
    /// A form was not carried out.
    pub try_again: &'static str,
}

/// All languages.
pub const ALL: &[Words] = &[ENGLISH, GERMAN];

const ENGLISH: Words = Words {
    language: "en",
    welcome: "There is a queue for this sale. Join it to keep your place.",
    join: "Join the queue",
    waiting: "You are in the queue. Keep this page open; it tells you when it is your turn.",
    before: "You are in the queue. The sale has not opened yet; your place is kept.",
    opens: "The sale opens",
    returning: "Your turn came while you were away. Your place is kept: stay here, and you are \
        called next.",
    called: "It is your turn.",
    claim_left: "Go in within",
    claim: "Go in now",
    active: "You are in.",
    active_means: "What you put into your basket in the shop is held for you.",
    shop: "Go to the shop",
    ended: "You are no longer in the queue. To come back, you join at the end.",
    redirected: "Everyone in the queue is asked to go on elsewhere.",
    go_there: "Go there now",
    paused: "Nobody is being called at the moment. Your place is kept.",
    closed: "The sale is closed.",
    low: "Only a few are left.",
    in_baskets: "Everything that is left is in somebody's basket. Some of it may come back.",
    sold_out: "Everything is sold.",
    number: "Your queue number",
    ahead: "Ahead of you",
    next: "nobody, you are next",
    progress: "Done so far",
    wait: "Estimated wait",
    minutes: "min",
    to: "to",
    reload: "Reloading this page is harmless: you keep your place, also in a second tab or after \
        a break.",
    left: "What is left",
    performance: "Performance",
    status: "Availability",
    more: "more performances",
    leave_question: "Give up your place?",
    leave_means: "Your place goes for good. To come back, you join at the end.",
    leave: "Give up my place",
    leave_shop_question: "Leave the shop?",
    leave_shop_means: "What you have bought is yours. What is in your basket goes back, and somebody else is called.",
    leave_shop: "Leave the shop",
    status_on_sale: "available",
    status_low: "left",
    status_in_baskets: "in baskets, may come back",
    status_sold_out: "sold out",
    try_again: "That did not work just now. Please try again in a moment; your place is kept.",
};

const GERMAN: Words = Words {
    language: "de",
    welcome: "Für diesen Verkauf gibt es eine Warteschlange. Stellen Sie sich an, dann ist Ihr \
        Platz sicher.",
    join: "Anstellen",
    waiting: "Sie stehen in der Warteschlange. Lassen Sie diese Seite offen; sie sagt Ihnen, wann \
        Sie an der Reihe sind.",
    before: "Sie stehen in der Warteschlange. Der Verkauf hat noch nicht begonnen; Ihr Platz ist \
        sicher.",
    opens: "Der Verkauf beginnt",
    returning: "Sie waren an der Reihe, als Sie nicht hier waren. Ihr Platz ist sicher: Bleiben \
                Sie hier, dann sind Sie als Nächstes dran.",
    called: "Sie sind an der Reihe.",
    claim_left: "Treten Sie ein innerhalb von",
    claim: "Jetzt eintreten",
    active: "Sie sind im Shop.",
    active_means: "Was Sie dort in Ihren Warenkorb legen, ist für Sie gehalten.",
    shop: "Zum Shop",
    ended: "Sie stehen nicht mehr in der Warteschlange. Wer zurückkommt, stellt sich hinten an.",
    redirected: "Alle Wartenden werden gebeten, anderswo weiterzumachen.",
    go_there: "Jetzt dorthin gehen",
    paused: "Im Moment wird niemand aufgerufen. Ihr Platz ist sicher.",
    closed: "Der Verkauf ist beendet.",
    low: "Es ist nur noch wenig übrig.",
    in_baskets: "Alles, was noch übrig ist, liegt in Warenkörben. Manches davon kann zurückkommen.",
    sold_out: "Alles ist verkauft.",
    number: "Ihre Wartenummer",
    ahead: "Vor Ihnen",
    next: "niemand, Sie sind als Nächstes dran",
    progress: "Bisher geschafft",
    wait: "Geschätzte Wartezeit",
    minutes: "Min.",
    to: "bis",
    reload: "Neu laden schadet nicht: Sie behalten Ihren Platz, auch in einem zweiten Tab oder \
        nach einer Pause.",
    left: "Was noch übrig ist",
    performance: "Vorstellung",
    status: "Verfügbarkeit",
    more: "weitere Vorstellungen",
    leave_question: "Platz aufgeben?",
    leave_means: "Ihr Platz ist dann endgültig weg. Wer zurückkommt, stellt sich hinten an.",
    leave: "Meinen Platz aufgeben",
    leave_shop_question: "Den Shop verlassen?",
    leave_shop_means: "Was Sie gekauft haben, gehört Ihnen. Was im Warenkorb liegt, geht zurück, und jemand anderes wird aufgerufen.",
    leave_shop: "Den Shop verlassen",
    status_on_sale: "verfügbar",
    status_low: "übrig",
    status_in_baskets: "in Warenkörben, kann zurückkommen",
    status_sold_out: "ausverkauft",
    try_again: "Das hat gerade nicht geklappt. Bitte versuchen Sie es gleich noch einmal; Ihr \
                Platz ist sicher.",
};
