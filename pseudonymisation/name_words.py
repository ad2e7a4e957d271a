"""What gives a name away in Danish: common names, surnames' endings, words before a name, and words that are none.

The lists are a floor. The best list is the municipality's own register, which the caller gives for each run.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST_NAMES = _words(
    """
    aage abdul adam adolf agnes agnete ahmad ahmed ahmet aisha aksel albert alberte alex alexander alfred ali
    alice allan alma alva amalie amanda amina amir amira anders andreas ane anette anine anisa anita anja ann anna
    anne annelise annemarie annette anni annie anny anton arne arthur asbjørn asger asta astrid august axel ayse
    benedikte benjamin benny bent bente bertha bettina bilal birger birgit birgitte birthe bitten bjarne bjørn bo
    bodil brian brita britt britta børge camilla carina carl carla carlo caroline carsten casper cecilie charlotte
    chris christa christian christina christine christoffer claes clara claus connie conny dagmar dagny dan daniel
    david dennis dorte dorthe dorthea ebba ebbe edel edith edvard edward egon eigil einar ejnar ejner elias elin
    elinor elisabeth elise ella ellen ellinor elliot elly else elsebeth elva emil emilia emilie emine emma emmy
    erik erika erling erna ernst ester esther eva evald fabian fatih fatima fatma felicia felix ferdinand filip
    finn flemming flora frank frederik frederikke freja frida fritz frode gabriel georg george gerd gerda gert
    gitte grete grethe gudrun gunhild gunnar gunner gurli gustaf gustav hamid hanan hanne hans harald harriet
    harry hasan hassan hatice hector hedvig heidi helen helena helene helga helge helle henning henny henriette
    henrik henry herdis herman hilda holger huda hugo hussein ib ibrahim ida inga inge ingeborg inger ingolf
    ingrid irene irma isabella isak ismail ivan jack jacob jakob jamal james jan jane janne janni jannie jasmin
    jean jeanette jens jeppe jes jesper jesse jette jim jimmy joachim joan johan johanne johannes john johnny
    jonas jonathan jonna josefine joseph jules julia julie julius jytte jørgen jørn kai kaj kamilla karen karin
    karina karl karla karoline kasper kate katja katrine keld kenneth ketty khadija khalid kim kirsten kirstine
    kjeld klara klaus knud konrad kristian kristina kristine kristoffer kurt kåre laila lars lasse lauge laura
    laurits layla lea leif lena lene leo leon leonard leonora leyla lilian lillian lilly linda line linus lis lisa
    lisbet lisbeth lise liselotte lissi lissy lizzi lone lotte louis louise lucas ludvig lukas luna lykke mads
    magda magnus maja malene malou malthe marcus maren margit margrethe maria mariam marianne marie marius mark
    markus marta martha martin maryam mathias mathilde mattias max maya mehmet melissa merete meta mette mia
    michael mie mikael mikkel mille minna mogens mohamed mohammad mohammed mona monica morten muhammad mustafa
    mustapha myrna nadia naja nanna nasrin natasha nete nicklas nicolai nicolas nicoline niels nikolaj nikoline
    nils nina nis noah nora norma nour oda ole olga oline oliver oluf omar omer orla oscar oskar osman otilia otto
    ove palle patricia patrick paul peder penille per pernille peter petra petrine philip philippa pia poul preben
    rania rasmus rebecca rebekka regitze rene renè rené reza richard rigmor rikke rita robert robin roger roland
    rolf ronni ronny rosa rudolf ruth sally salma sami samir samira samuel sander sanne sara sarah sascha
    sebastian selim selina selma signe sigrid silas silje simon simone sine smilla sofia sofie solveig sonja
    sophie soraya steen stefan steffen stephan stephanie stig stine susan susanne suzanne sven svend svenning
    søren tage tanja tariq tenna thea theis theodor therese thomas thor thora thorkild thyra tilde tim tina tobias
    toke tom tommy tonny torben torsten tove trine troels uffe ulf ulla ulrik ursula vagn valborg valdemar vera
    verner veronica veronika vibeke vicki victor victoria vigga viggo viktor viktoria vilhelm villads villy viola
    vita vivi vivian walter werner william willy winnie xenia yasmin yousef yrsa yusuf yvonne zahra zainab zeynep
    åge åse
    """
)
SURNAMES = _words(
    """
    aagaard abdi ahmadi ali andersen andreasen bach bak bang bech beck berg bertelsen bjerre bjerregaard bloch
    boesen brandt bruun buch buhl carlsen christensen christiansen christoffersen clausen dahl dalgaard dam
    damgaard danielsen davidsen dideriksen eriksen frandsen frederiksen friis frost gade gregersen grøn haagensen
    hald hansen hassan hedegaard henriksen hermansen hjorth holm holst hussein højgaard iversen jacobsen jakobsen
    jensen jeppesen jepsen jespersen jessen johannesen johannsen johansen johnsen josefsen juhl juul jørgensen
    karlsen kirkegaard kjeldsen kjær kjærgaard klausen knudsen koch kofoed kragh kristensen kristiansen
    kristoffersen krogh kruse lange larsen lassen lauridsen lauritsen laursen lind lorentzen lorenzen lund lyng
    madsen markussen mathiasen mathiesen mikkelsen mogensen mohr mortensen munk mølgaard møller nguyen nielsen
    nikolajsen nissen nygaard nørgaard olesen olsen ottosen overgaard paulsen pedersen petersen poulsen rasmussen
    ravn riis schmidt schou schultz simonsen skov skovgaard skytte sloth smith sommer steffensen sørensen thomsen
    thorsen thygesen toft tran vestergaard villadsen vinther winther yilmaz østergaard
    """
)

# Ordinary words: written small they are no name, whatever a register says.
ORDINARY = _words(
    """
    ad adresse af aftale aften ager aldrig alene alle alt altid and anden andet andre arm ask at august bad bager
    barn bedre bedst begge behov ben bent besøg bil birk bjerg bjørn blev blevet bliver blå bo boede bonde bor
    borger borgeren bred brev bro bror brun burde by bøg bøjet bør børn cykel da dag dage dal dan dans danser
    dansk datter de den denne dens der deres det dets dette din dine disse dit drejer drikke drikker du due dør
    efter efterår eg el eller en eng enig er et fald faldt falk fandt far fem fie fik find finde finder fire flere
    fly fod for fordi forår fra fred frem friis frisk fyr få fået får før første gade gamle gammel gang gange gav
    gennem gert gik give giver givet gjorde gjort glad god gode godt gran gry grå grøn gul gå gået går gør gøre
    haft hald halt halv han hans har havde have hel held hendes her hjem hjemme hjerte hjulpet hjælp hjælpe
    hjælper holde holder holdt holm hos hoved hud hun hund hus hvad hvem hver hvert hvid hvilke hvilken hvilket
    hvis hvor hvordan hvorfor hvornår hånd høj høst i ib ida igen ikke inde inden indtil ingen intet is jan jeg
    jeres jes juli juni kaj kamp kan kat kende kender kim kjær klara klart kok kold kom komme kommer kommet kone
    kort kraft krog kun kunne kær køkken køre kører kørte lade land lang lange langs langt lav let leve lever lidt
    ligge ligger lilje lille lina lind line link lis lise liv lund lykke lys lå mad maj man mand mandag mange mark
    mave max may med medicin meget mellem men mene mener mens mere mest mia middag mie mille min mindre mine mini
    minna minut mit mod mor morgen må måned måtte møller mørk mørke nabo nat navn nede ni nogen noget nogle nord
    notat nu nummer ny nye nyt når næste ofte og også ole om omkring oppe otte over patient pause per personale
    pia pil pind plan pleje post pr præst prøve prøver på rask ravn regn regner ringe ringer rist ro rosa rose ryg
    rød sad sag sagde sager sagt sammen sander se sejr seks selv selvom seng ser set sidde sidder siden sidste sig
    sige siger sin sine sit skal skipper skov skrev skrive skriver skrædder skulle smal smed smerte smerter små
    sne sol som sommer sort sove sover spise spiser start starter stav sten stiller stilling stod stok stop
    stopper stor store storm strand stue stå står større støtte syd syg synes syv så sår sø søn søster tage tager
    taget tale taler telefon ti tid til tilbage tim time timer to tog toke tom tomt tove tre tredje tro tror træt
    tung tør ude uden uge uger ulla ulv under ung unge vagt vand vang var varm ved vej ven vest vi vibe vide vig
    vil ville vindue vinter viola vita vores våd være været yde å år øje ønske ønsker øre ørn øst
    """
)
# Of these, the ones that are a name when they begin a sentence with a capital.
WORDS_TOO = _words(
    """
    ask bak bang bent berg birk bjerre bjørn bo brandt bro buch conny dahl dal dam dan eg egon falk fie finn friis
    frost gade gert glad grøn hald hans hjorth holm høj ib ida jan jes jim juul kaj kim kjær klara koch kok krogh
    kær lange lind line lis lise liv luna lund lykke lyng marie mark max merete mia mille munk my nis norma ole
    per pia pil ravn regn riis rosa sander schou sine skov skytte sloth sommer steen sten storm tage tim toft toke
    tom tove ulla vest vibe vinter viola vita winther åse
    """
)

# No name ends so: these are nouns in their definite form.
NOUN_ENDINGS = (
    "elsen",
    "elsens",
    "heden",
    "ionen",
    "ionens",
    "erne",
    "ernes",
    "skolen",
    "huset",
    "manden",
    "landet",
    "nettet",
    "selskabet",
    "banen",
    "familien",
)
# The last part of a long word that ends so is a thing or an institution, in the indefinite form or the definite.
THING_ENDINGS = tuple(
    """
    afdeling afdelingen aftale aftalen akademi akademiet amtet arkiv arkivet avis avisen bank banken beredskab bibliotek
    biblioteket blad bladet bog bogen bold bureau bureauet børnene center centeret centret direktorat direktoratet
    domstol domstolen enhed enheden fabrik fabrikken fakultet fakultetet festival festivalen film filmen flåde flåden
    fond fonden forbund forbundet forening foreningen forlag forlaget forsikring forsikringen forsvar forsvaret galleri
    galleriet gruppe gruppen gymnasium hospital hospitalet hotel hotellet hær institut instituttet instans kasse kassen
    klinik klinikken klub klubben kommission kommissionen konference konferencen kongres kongressen koncern koncernen
    kontor kontoret krig krigen lov loven magasin magasinet marked markedet mesterskab mesterskabet ministerium museum
    museet myndighed nævn nævnet orden ordenen orkester orkestret organisation overenskomst parti partiet plan planen
    politi pris prisen program programmet projekt projektet protokol rapport rapporten regering regeringen reform
    reformen register registret restaurant retten råd rådet samfund samfundet sekretariat sekretariatet sektion
    sektionen selskab selskaber skib skibet skole station stationen stiftelse stiftelsen styrelse styrelsen styrke
    styrken sygehus sygehuset system systemet teater teatret tjeneste tjenesten traktat traktaten turnering turneringen
    udvalg udvalget union unionen universitet universitetet værft værftet værk værket
    """.split()  # noqa: SIM905
)
# After one of these a capital is the name of what it says: plejehjemmet Solbakken, firmaet Danbyg, præparatet Xeplion.
THINGS = _words(
    """
    avisen bandet biografen biograferne bladet bogen byen bydelen bådene båden cafeen dagbladet filmen firmaet
    firmaerne floden foreningen forlaget fregatten færgen gaden gruppen gården herregården hotellet institutionen
    kirken klubben koncernen konsulentfirmaet kroen landet landsbyen luftfartsselskabet magasinet mapperne mappen
    medicinen mærket modellen museet operaen organisationen orkestret partiet pladsen plejecentret plejecenteret
    plejehjemmet præparatet programmet restauranten romanen rederiet selskabet serien skibet skolen slottet stedet
    stykket systemet teatret teateret tidsskriftet toget tankskibet ubåden ugebladet virksomheden vejen vejret værket
    øen
    """
)
# What a firm's name ends with: the words before it are the firm's.
FIRM_MARKS = ("A/S", "ApS", "I/S", "K/S", "P/S", "A.m.b.a.", "GmbH", "Ltd", "Inc", "Corp", "Plc", "plc")

# A word at the start of a sentence with one of these is a surname.
SURE_ENDINGS = tuple("ssen lsen nsen rsen dsen ksen tsen gaard gård strup qvist kvist mann sson".split())  # noqa: SIM905

# After these, a capital is a name; the gap may hold a full stop or a colon.
CUES = _words(
    """
    aftalt assistent barn barnebarn barnebarnet barnet beboer beboeren bekræftede bekræfter besøgt borger borgeren
    borgmester bror broren chef chefen datter datteren direktør direktøren doktor dr ergoterapeut faderen far
    faren farfar farmor forklarede forklarer formand formanden fortalte fortæller frk fru frøken fysioterapeut
    hedder hej herr hilsen hjælper hr hustru hustruen kaldes kaldt kh kone konen konstaterede konstaterer
    konsulent kontakt kontaktperson kære kæreste kæresten leder lederen lektor læge mand manden mener mente
    minister moderen mor moren morfar mormor mvh nabo naboen navn navnet nevø nevøen niece niecen nævner nævnte
    onkel oplyser oplyst oplyste overlæge patient patienten politimester professor pårørende ring ringer ringet
    råbte sagde sagsbehandler samlever samleveren siger skrevet spurgte spørger statsminister svarede svarer
    svigerdatter svigerdatteren svigersøn svigersønnen sygeplejerske søn sønnen søster søsteren tak talt talte
    tante terapeut tilføjede tilføjer udtaler udtalte underskrevet understregede understreger ven veninde veninden
    vennen vh visitator vurderede vurderer værge værgen ægtefælle ægtefællen ønsker
    """
)
BETWEEN_CUE_AND_NAME = _words("til med af fra ved hos om er og at")
PARTICLES = _words("de van von der den al el bin ibn af da di la le du ten ter ben abu")

# Capitals inside a sentence that name no person.
NO_NAMES = _words(
    """
    aabenraa aalborg aarhus afdelingen afghanistan afrika albertslund alle alvedon alzheimer alzheimers amager
    amerika apotek apoteket april argentina aricept asien assens august auh ballerup banken barthel belgien
    bestyrelsen bibliotek billund birkerød bispebjerg bjerringbro bogense bornholm bosnien braden brasilien
    brøndby brønderslev calcium canada center centeret centret centyl chile citalopram columna contalgin corona
    covid cura danida danmark dansk danske de december dem den der deres det digoxin dolol dr dragør du durogesic
    ebeltoft ebixa efter egypten ejby ejendommen eliquis en england esbjerg et eu europa exelon faaborg falck
    falster farum februar fentanyl finland fn folketinget folketingets frankrig fredag fredericia frederiksberg
    frederikshavn frederikssund frederiksværk fsiii furix fyn færøerne gentofte gladsaxe glostrup grenaa greve
    gruppen grønland gården haderslev hadsten hammel han helsingør herlev herning hillerød hirtshals hjemmepleje
    hjemmeplejen hjerdyl hjørring hobro holbæk holding holland holstebro horsens hospital hotel humlebæk hun huset
    hver hvidovre hvis hørsholm i ikast imozop indien ingen insulin ipren irak iran irland ishøj island israel
    italien januar japan jer jeres jorden jul juli juni jylland kaleorid kalundborg kapel kastrup kerteminde kina
    kodimagnyl kolding kommune kommunen kroatien københavn køge laktulose landsret langeland ledelsen libanon
    lolland losartan lyngby læsø lørdag madopar magnesia magnyl maj man mandag marevan maribo marokko marts medcom
    men metformin middelfart midt ministeriet mirtazapin morfin movicol mrsa museum nakskov nato nexus
    nitroglycerin nord norge november nyborg nykøbing nytår når næstved nørrebro odder odense og oktober omeprazol
    onsdag ouh oxycontin oxynorm pakistan palads palæstina panodil pantoprazol parkinson parkinsons penicillin
    pinex pinse plejecenter plejecentret plejehjem polen politiet politikens primcillin prisen påske randers
    region regionen retten ribe riget rigshospitalet ringkøbing ringsted rollator roskilde rudkøbing rusland
    rødovre sagen samsø schweiz selexid selo-zok september serbien sertralin serviceloven silkeborg simvastatin
    sjælland skagen skanderborg skejby skive skjern skotland slagelse som somalia spanien spiriva statsministeren
    stesolid storbritannien struer sundhedsloven svendborg sverige syd sygehus syrien så søndag sønderborg
    taastrup thisted tirsdag torsdag tradolan tv tyrkiet tyskland tønder ukraine unikalk usa valby vanløse varde
    vejle ventoline vest vesterbro vesterhavet vi viborg vietnam vordingborg xarelto zopiclon ålborg århus
    ældreloven ærø øst østerbro østersøen østrig
    """
)
