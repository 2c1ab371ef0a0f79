//! The words for a claim, without case, punctuation and prefix, in the languages people use.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// What a claim is for, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An e-mail address.
    Email,
    /// A name for people to read.
    Name,
    /// An id of the user; the smaller the number, the surer.
    Id(u8),
    /// The user, in whatever way: the value decides.
    Person,
    /// The time at which the token ends.
    Expiry,
    /// Something else: an id of the issuer, a support address.
    Other,
}

/// Words for an e-mail address that have no "mail" in them.
const EMAIL: &str = "\
    correo correos correoe correoelectronico correoelectrónico courriel courrier epost epostadress \
    epostadresse eposta epostaadresi epostaadresa sahkoposti sähköposti sahkopostiosoite sähköpostiosoite \
    posta postaelettronica postaelectronica poczta pocztaelektroniczna adreselektroniczny elpastas \
    elektroninispastas epasts drejtperdrejt ηλεκτρονικήδιεύθυνση ηλεκτρονικοταχυδρομείο почта эпочта \
    электроннаяпочта адресэлектроннойпочты мейл имейл емейл эмейл емайл електроннапошта пошта поща имеил \
    メール メールアドレス eメール 電子メール 邮箱 邮箱地址 邮件 邮件地址 电子邮件 电子邮箱 電子郵件 信箱 \
    電郵 이메일 이메일주소 메일 전자우편 البريد بريد البريدالإلكتروني البريدالالكتروني ایمیل ईमेल อีเมล \
    อีเมล์ thuđientu thưđiệntử דואל אימייל mbox smtp smtpaddress surel";

/// Words for a name that people read.
const NAME: &str = "\
    name fullname namefull customerfullname displayname realname firstname lastname givenname familyname \
    middlename surname forename nickname nick commonname cn personname customername membername \
    contactname profilename subscribername visitorname nameofuser userfullname userdisplayname \
    userrealname userfirstname userlastname displayedname shownname publicname legalname formattedname \
    preferredname firstandlastname fname lname fullnames dispname vorname nachname vorundnachname \
    familienname vollname vollername vollständigername vollstaendigername anzeigename nom prenom prénom \
    nometprenom nometprénom nomcomplet nomdefamille nomaffiche nombre nombres nombrecompleto \
    nombreyapellidos apellido apellidos nombreapellido nome nomecompleto cognome nomecognome sobrenome \
    apelido primeironome naam voornaam achternaam volledigenaam weergavenaam navn fornavn etternavn \
    efternavn fuldenavn visningsnavn namn förnamn fornamn efternamn fullständigtnamn visningsnamn nimi \
    etunimi sukunimi kokonimi imie imię nazwisko imieinazwisko imięinazwisko jmeno jméno prijmeni \
    příjmení celejmeno jmenoprijmeni jménopříjmení celéjméno meno priezvisko nev név teljesnev teljesnév \
    nume prenume numecomplet ime prezime imeiprezime isim isimsoyisim adi soyad soyadi adsoyad tamad \
    vardas pavarde vards uzvards имя фамилия фио полноеимя отображаемоеимя імя прізвище піб име фамилно \
    όνομα ονομα επώνυμο ονοματεπώνυμο 名前 お名前 氏名 表示名 姓名 名字 姓 名 昵称 暱稱 真实姓名 名称 이름 성명 성함 닉네임 اسم الاسم \
    الاسمالكامل نام नाम पूरानाम ชื่อ ten tên hoten họtên hovaten họvàtên nama namalengkap namapenuh jina \
    שם שםמלא nazwa namae";

/// Ids of a user that are named in one word or in another language.
const ID: &str = "\
    uniqueid stableid permanentid persistentid globalid contactid guestid oid objectid objectidentifier \
    objectguid immutableid nameidentifier distinctid foreignid foreignkey remoteid sourceid originid \
    legacyid internalid databaseid dbid recordid crmid uidnumber matricula matrícula matricule googleid \
    facebookid auth0id firebaseid firebaseuid steamid discordid appleid oktaid azureid azureoid \
    microsoftid githubid linkedinid keycloakid cognitoid cognitosub cognitousername wordpressid wpid \
    wpuserid drupalid moodleid shopifyid shopifycustomerid stripeid stripecustomerid salesforceid \
    hubspotid intercomid zendeskid segmentid mixpanelid amplitudeid supabaseid clerkid idusuario \
    usuarioid idcliente clienteid númerocliente numerocliente idutilisateur utilisateurid \
    identifiantutilisateur identifiant identifiantunique numeroclient numéroclient identificador \
    identificatore identificativo benutzerid benutzernummer nutzerid kennung nutzerkennung \
    benutzerkennung kundennummer kundenid kundennr mitgliedsnummer mitgliedsid personalnummer \
    gebruikersid gebruikerid klantid klantnummer brukerid brukernummer kundenummer kundeid kundid \
    kundnummer anvandarid användarid medlemsnummer medlemsid kayttajaid käyttäjäid asiakasnumero \
    asiakasid uzytkownikid użytkownikid iduzytkownika idużytkownika idklienta klientid uzivatelid \
    uživatelid iduzivatele clientnumber clientno idalumno idclient idkunde idmedlem idestudiante \
    idpaciente idempleado eksternalid кодпользователя кодклиента felhasznaloid felhasználóid azonosito \
    azonosító felhasználóazonosító tunnus kayttajanumero käyttäjänumero identyfikator \
    identyfikatorużytkownika identifikator identifikátor identifikatorius lietotājaid utenteid idutente \
    codicecliente idutilizador utilizadorid idusuário kullaniciid kullanıcıid musteriid müşteriid \
    musterino staffnumber usersub ppid personnummer kdnr kundnr numerodecliente númerodecliente \
    numclient noclient codigocliente códigocliente codutente asiakasnro 会員ナンバー идклиента utilizatorid \
    korisnikid идентификатор идпользователя idпользователя пользовательid номерклиента ид ідентифікатор \
    用户id 用户编号 会员id 会员号 会员编号 客户id 使用者id 會員編號 ユーザーid 会員id 会員番号 顧客番号 顧客id 사용자id 회원id 회원번호 아이디 معرف \
    معرفالمستخدم idpengguna manguoidung idnguoidung";

/// Words for the user that may hold any of the three.
const PERSON: &str = "\
    sub subject nameid uniquename preferredusername username user userinfo currentuser login loginname \
    loginid loginhint logonname logon signinname accountname account identifier identity uniqueidentifier \
    principal principalname userprincipalname upn samaccountname handle alias screenname contact person \
    customer member visitor subscriber profile who actor benutzer benutzername nutzer nutzername \
    anmeldename kunde usuario usuário nombreusuario nombredeusuario nomeusuario nomedeusuario utilisateur \
    nomutilisateur utente nomeutente gebruiker gebruikersnaam användare anvandare användarnamn \
    anvandarnamn bruker brukernavn bruger brugernavn kayttaja käyttäjä kayttajatunnus käyttäjätunnus \
    uzytkownik użytkownik nazwauzytkownika uzivatel uživatel felhasznalo felhasználó felhasználónév \
    kullanici kullanıcı kullaniciadi kullanıcıadı utilizador utilizator korisnik пользователь \
    имяпользователя логин користувач логін χρήστης ユーザー ユーザー名 ユーザ ログイン 用户 用户名 账号 \
    帐号 使用者 帳號 사용자 사용자명 회원 계정 مستخدم المستخدم اسمالمستخدم उपयोगकर्ता ผู้ใช้ ชื่อผู้ใช้ nguoidung \
    pengguna namapengguna משתמש";

/// Words for the end of a token.
const EXPIRY: &str = "\
    exp expat expr expin exptime expdate expts expiresat exipres exipry validuntil validto validtill \
    goodtill gooduntil notafter notonorafter sessionnotonorafter until till end ends endsat endtime \
    enddate ttl lifetime timetolive maxage validfor validity timeout deadline eol ablauf ablaufdatum \
    ablaufzeit gueltigbis gültigbis laeuftab verfall verfallsdatum caduca caducidad fechacaducidad \
    expiracion expiración fechaexpiracion vencimiento vence validohasta válidohasta dateexpiration \
    datedexpiration datefin finvalidite expireà scadenza scade scadeil datascadenza validofinoa validade \
    expiracao expiração dataexpiracao vencimento verloopt verlooptop vervalt vervaltop vervaldatum \
    geldigtot utlopsdato utløpsdato utløper giltigtill utgår utgar udløber udlober vanhenee voimassa \
    wygasa wazneodo waznedo ważnedo datawygasniecia platnost platnostdo lejarat lejár expira expiratie \
    istice sonkullanma bitis bitiş срокдействия срок истекает действительнодо годендо дійснийдо λήξη \
    有効期限 期限 失効日時 过期时间 过期 過期 到期 到期时间 有效期 過期時間 到期日 만료 만료일 만료시간 유효기간 انتهاء समाप्ति หมดอายุ hethan hếthạn \
    kadaluarsa kedaluwarsa תפוגה";

/// Claims whose address or id is not the visitor's.
const OTHER: &str = "\
    iss issuer aud audience azp appid clientid clientemail serviceaccount jti kid nonce support \
    supportemail helpdesk replyto noreply adminemail billingemail companyemail organizationemail manager \
    manageremail invitedby createdby updatedby owneremail senderemail fromemail secondaryemail \
    backupemail recoveryemail previousemail oldemail impersonator company companies organization \
    organisation organizations org orgs team teams tenant tenants workspace group groups employer school \
    vendor seller merchant store shop department division office boss supervisor advisor agent operator \
    sender author creator owner parent guardian partner referrer inviter assignee reviewer approver \
    firma empresa entreprise azienda bedrijf förening компания 会社 公司 회사";

/// Words for the user before an "id" or a number.
pub(super) const OWNERS: &str = "\
    external ext user usr users externaluser externalcustomer customer cust member membership account \
    acct person people profile subscriber visitor employee student player patient buyer shopper learner \
    donor subject sub individual loggedinuser currentuser appuser siteuser enduser ssouser";

/// What follows such a word.
pub(super) const NUMBERED: &str = "\
    id ids uid uuid guid oid pk no nr num number key ref reference code identifier ident userid";

/// All words in the order of the lists, and what each means. A word that is in two lists means what the first
/// says.
static WORDS: LazyLock<Vec<(String, Meaning)>> = LazyLock::new(|| {
    let lists = [
        (OTHER, Meaning::Other),
        (ID, Meaning::Id(1)),
        ("id uid guid uuid pk external extid", Meaning::Id(2)),
        (PERSON, Meaning::Person),
        (EMAIL, Meaning::Email),
        (NAME, Meaning::Name),
        (EXPIRY, Meaning::Expiry),
    ];
    let mut seen = HashSet::new();
    let words = lists.into_iter().flat_map(|(list, meaning)| {
        list.split_ascii_whitespace().map(move |word| (normalized_name(word), meaning))
    });
    words.filter(|(word, _)| seen.insert(word.clone())).collect()
});

/// What each word means.
static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| words().collect());

/// Removes what is before a claim's own name: the address of a namespace, an XML prefix, the path of a form
/// field.
fn last_part(name: &str) -> &str {
    let trimmed = name.trim_end_matches(['/', '#', ':', ']', '.']);
    trimmed.rsplit(['/', '#', ':', '[', '.']).next().unwrap_or(trimmed)
}

/// Returns a name without case, punctuation and prefix: `https://example.com/e-Mail` is `email`.
pub(super) fn normalized_name(name: &str) -> String {
    last_part(name).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns what a word means, if it is one of those.
pub(super) fn word_meaning(word: &str) -> Option<Meaning> {
    MEANINGS.get(word).copied()
}

/// Returns all words and what they mean, always in the same order.
pub(super) fn words() -> impl Iterator<Item = (&'static str, Meaning)> {
    WORDS.iter().map(|(word, meaning)| (word.as_str(), *meaning))
}

/// Returns whether a list of words with white space between them has this one.
pub(super) fn has(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// Returns the pairs of a list that has white space between all words.
pub(super) fn pairs(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut words = list.split_ascii_whitespace();
    std::iter::from_fn(move || Some((words.next()?, words.next()?)))
}
