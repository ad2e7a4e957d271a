"""The closed vocabulary: Danish words that tell of nobody, places, and firms. What is in none of them is unknown.

The words are stems written by hand for care records and everyday Danish; an inflected word and a compound are known
by their parts, so that `trykmåling` and `plejehjemmets` need not stand here.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import lru_cache

from pseudonymisation.name_words import CUES, FIRST_NAMES, NO_NAMES, ORDINARY, SURNAMES, WORDS_TOO


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Towns, parts of towns, islands, countries and capitals that are no common name of a person.
PLACES = _words(
    """
    aabenraa aalborg aalestrup aarhus aars afghanistan afrika ajstrup albanien albertslund algeriet allerød allinge
    alperne als amager amalienborg amerika amsterdam angola ankara antarktis arden argentina arktis armenien asien
    askov assens athen atlanten atlanterhavet auning australien bagdad balkan ballerup baltikum bangkok bangladesh
    barcelona beijing beirut belgien belgrad bellevue benelux beograd bergen berlin bern billund birkerød bispebjerg
    bjerringbro bjæverskov blokhus bogense bolivia bonn bording bornholm bosnien boston bramming brande brasilien
    bredebro brovst bruxelles brædstrup brøndby brøndbyerne brønderslev brønshøj budapest bukarest bulgarien børkop
    cairo californien canada charlottenlund chicago chile christiania christiansborg christiansfeld christianshavn
    colombia costa cuba cypern damaskus danmark djursland dragør dronninglund dublin dyrehaven ebeltoft ecuador egedal
    egernsund egypten ejby england esbjerg espergærde estland etiopien europa europas fakse falster fanø farum faxe
    filippinerne finland fjerritslev florida frankfurt frankrig fredensborg fredericia frederiksberg frederikshavn
    frederikssund frederiksværk fyn færøerne fåborg gadstrup gaza geneve gentofte ghana gilleleje give gladsaxe
    glamsbjerg glasgow glostrup gotland grenaa grenå greve gribskov grindsted grækenland grønland gråsten guatemala
    gudhjem göteborg haag haderslev hadsten hadsund halsnæs hamborg hamburg hammel hammershus hanoi hanstholm harboøre
    harlev haslev havana hedehusene hedensted hellerup helsingborg helsinge helsingfors helsingør herlev herning
    hillerød hinnerup hirtshals hjallerup hjerting hjørring hobro holbæk holland hollywood holstebro hornslet hornsyld
    horsens humlebæk hundested hvidovre højbjerg højby høje-taastrup højer hørning hørsholm ikast indien indonesien
    irak iran irland ishøj island israel istanbul italien jakarta jammerbugt japan jelling jerusalem jordan
    jugoslavien jyderup jylland jyllinge kabul kalifornien kalundborg karlslunde karup kastrup kattegat kenya
    kerteminde kgs kiel kina kirgisistan kjellerup klampenborg kolding kongelunden kongens kongo korea korsør kosovo
    kreta kristianssand kristianssund kroatien kuwait kværndrup kyiv kyndby københavn køge køln langeland langå lejre
    lemming lemvig letland libanon libyen limfjorden lissabon litauen liverpool lolland london louisiana luxembourg
    lyngby lystrup læsø løgstør løgumkloster løjt løkken madrid makedonien malaysia mallorca malmø malta manchester
    manila mariager maribo marienborg marokko marseille marstal mellemøsten mexico middelfart middelhavet milano minsk
    moldova mongoliet montenegro moskva møn münchen nairobi nakskov napoli nepal new nexø nibe nicaragua nigeria
    nordborg norden nordeuropa nordjylland nordkorea nordsjælland nordsøen norge nyborg nyhavn nykøbing nærum næstved
    nørrebro nørreport nørresundby odder odense odsherred oksbøl orkneyøerne oslo otterup padborg pakistan palermo
    palæstina panama pandrup paris peking peru philadelphia polen portugal prag præstø randers ranum rebild reykjavik
    ribe riga ringe ringkøbing ringsted rom roskilde rotterdam rudersdal rudkøbing rumænien rusland rwanda ry ryslinge
    rødby rødding rødekro rødovre rømø rønde rønne sahara samsø sarajevo saudi-arabien schweiz seoul serbien shanghai
    sibirien silkeborg sindal singapore skagen skagerrak skals skanderborg skandinavien skibby skive skjern skotland
    skælskør skævinge slagelse slangerup slotsholmen slovakiet slovenien sofia somalia sorø sovjet sovjetunionen
    spanien stege stenløse stevns stockholm stoholm storbritannien storebælt struer strøget støvring sudan sunds
    svaneke svendborg sverige sydafrika sydeuropa sydkorea syrien sæby søllerød sønderborg sønderjylland søndersø
    taastrup taiwan tallinn tanzania tarm tehran thailand thisted thorning thy thyborøn tibet tikøb tinglev tirana
    tisvilde tivoli tjekkiet tjekkoslovakiet tokyo tommerup trekroner trige trondheim tune tunesien tyrkiet tyskland
    tønder tørring tåstrup uganda ukraine ulfborg ungarn uruguay usa utah valby vallensbæk vamdrup vanløse varde
    vatikanet vejen vejle vemb venedig venezuela vesterbro vesterhavet vesteuropa vestjylland vestsjælland viborg
    videbæk vietnam vigerslev vildbjerg vilnius vinderup virum vissenbjerg vodskov vojens vordingborg warszawa
    washington wien yemen york zagreb zambia zimbabwe zürich ærø ølstykke ørsted ørum østasien østbanegården østerbro
    østersøen østeuropa østjylland østrig østtyskland åbenrå ålborg århus års årslev
    """
)

# Firms, papers, parties, offices, makes and titles that begin with a capital inside a sentence.
FIRMS = _words(
    """
    a/s academic afp aktuelt aldi amnesty amtet amtsborgmester amtsrådet ap apple aps arbejdsmarkedet arla avisen b.t.
    baltica bank berlingske bibelen biblen bilka bmw boeing borgmesteren botanisk brugsen bt by bælte børsen canadian
    carlsberg christiansborg citroën club club's coop cosworth council cp dagbladet danfoss danisco danmarks
    dansk-svensk dfds dmi domhuset dongs dronning dronningen dronningens dsb ekstra european f16 facebook fakta falcks
    fanta fbi fiat finansloven finansministeriet flyvevåbnet folkekirken folkeparti folkepartiet folkeskoleloven ford
    forsvaret føtex gallup gamle gnags google group grundfos grundlov grundloven gud guds gymnasium hafnia hells
    herren hk hollywood hvad hverken hvile hvor hvordan hvornår hæren højesteret højskole højskolen icao illustreret
    industriministeriet information instagram international internettet irma jesu jesus jul justitsministeriet
    jyllands-posten kbh kgs kirke kirken kloster kommunernes kong kongehuset kongelige kongen konservative koran
    koranen kosan kraks kristeligt kristi kræftens kvartalet landsforening landsretten legend lego legoland liberale
    lidl lille living lo lufthansa lægemiddelstyrelsen maersk mellemfolkeligt mercedes messerschmitt microsoft
    ministeren ministerium moderaterne mærsk målsætning måske nationalbanken nationalmuseet nato nazi netflix netto
    nettoavisen network nordea nordisk nordre novo ny nye nørre oberst olympiske opel oscar peugeot philips planen
    politikens prins prinsen prinsesse prinsessen radikale rema research retsudvalget reuter rigsadvokaten
    rigspolitiet rigsretten ritzau rundt ruten røde saab sag samvirke sankt sas scandinavian selvom seminarium shell
    siemens skandia skat skatteministeriet skole skolen skt sky skype slot socialdemokraterne socialdemokratiet
    socialministeriet socialudvalget station statoil statsministeriet stiftstidende store studie sundhedsministeriet
    sundhedsstyrelsen sønder søndre sådan tdc teater teatret tidende toyota udenrigsministeriet udvalget unibank
    unicef universitet universitetet usa's venstre vestre vikingerne vm vms volkswagen volvo værft weekendavisen world
    wto youtube økonomiministeriet østre
    """
)

_STEMS = _words(
    """
    a abdomen abe absolut accelerer accept accepterer ad adfærd adgang adl administrativ administrere adresse adressen
    adskil adspurgt advar advare advarsel advokat af afasi afbryd afbryde afbud afdeling afdød afdøde affald affektiv
    afføring afføringsmønster afgang afgøre afgørende afholde afholdt aflast aflaste aflastning aflastningsplads
    aflever afleverer aflys afløb afløs afløser aflåst afmagt afpasse afprøv afsked afslag afslut afsluttet afsnit
    afstand aftagende aftal aftale aftaler aften aftensmad aftensygeplejerske aftenvagt aftes aftørre afvig afvis
    afvise afvisende aføring aggressiv agurk aktie aktiv aktivitet aktivitetscenter aktuel akut akutmodtagelse
    akutsygeplejerske akutteam akvarium al alarm albue albuestok album aldeles alder aldre alendronat alkohol allerede
    allergi allergisk alliance alligevel allopurinol almen almindelig alt altan alternativ altså alvor alzheimer
    ambulance ambulant ambulatorium amerikaner amerikansk amlodipin amt analyse anbefal anbring andel anden anderledes
    andetsteds ane anerkend anfald angiv angiveligt angreb angst angå angående anhold ankel ankestyrelsen anklage
    ankler ankom ankomme ankomst anled anlæg anmeld anmod ansat ansigt anskaf anslå ansvar ansvarshavende ansøge
    ansøger ansøgning antage antal antibiotika antydning anvend anvis anæmi apopleksi apparat appel appelsin appetit
    appetitløs april apv arabere arabisk arbejd arbejde argument aricept arkiv arm armlæn arrangement arrangere
    arrangør art arterielt artikel arv aspirere assistent astma atlet atorvastatin atrieflimren atten atter august
    avis b b12 bad badebænk badet badeværelse badning bag bagage bagefter bager bageri baggrund bagside bagved bakke
    balance balle bamse banan bandage bane bange bank banker banko bar barber barberet bare barn barnebarn barnløs
    base basis batteri bede beding bedre bedring bedrøv bedst bedste bedt bedøm befind befolkning begav begejstret
    begiv begive begravelse begrund begræns begyn begynd begynde begyndende behag behandl behandle behandling behold
    beholdt bekendt beklag beklager bekræft bekymr bekymre bekymring belast belægning beløb bemand bemærk ben benyt
    benzin benzodiazepin bered beredt beretning berette bero berolig berømt berør beskadig besked beskeden beskidt
    beskrive beskyt beskæftige beslut beslutning bestanddel bestem bestil bestiller bestyrelse bestå besættelse
    besøgsblok besøgsplan besøgsven betal betale betaling betegn beting betjene betragt betyd betydning bevar bevidst
    bevidstløs bevilg bevilget bevilling bevis bevæg bevægelse bibel bid bide bider bidrag bil billed billede billig
    bind bingo biografi biologi bistand bisættelse bit bivirk bivirkning bl blad blande blandt blank blds ble bleer
    bleg bleskift blev blid blik blive blod blodig blodprop blodprøve blodsukker blodtryk blomst blomster blot blund
    blære blærebetændelse blæst blød bløde blå blåt bmi boble bofællesskab bog bolig bolle bombe bord borger borgeren
    bort borte boset bostøtte botilbud bragt brand brandsår bred brede brev breve briller bringe bringer britisk brok
    bror brud brug bruge bruger brugt brun brus bryde bryllup bryst brystsmerte bræk brække brækket brænde brød brødre
    bs bt budget bue bugserer bukse bukser bule bund bundet bunke burde bus busk butik by byd byde bydel byen byge
    bygge bygning bytte bækkenstol bælte bænk bære bærer bød bøde bøje bølge bønne børn børnebarn børnebørn børnehave
    børste båd både bånd båre c ca cafe café calcichew cancer carport celle cent center centimeter central centrum
    centyl ch chance chauffør check chok cigaret circadin cirka cirrose citalopram civil cm computer contalgin cpr
    cprnr creme crp ct cykel cykeltur cykle cyste cytostatika d dagbog dagcenter daghjem daglig dagligstue dagligt
    dagligvarer dagpenge dagsorden dagtilbud dagvagt dame damp dans dansk dansker dato datter december decubitus
    deduktion defekt defin dehydreret del dele delir delmål dels delt deltag dem demens demenskoordinator dement
    demokrati demonstration depression depressiv der deraf derefter derfor derfra derhjemme deri derimod derinde
    derned dernede derop deroppe derover derovre derpå dersom dertil derud derved des desorienteret desuden desværre
    diabetes diabetiker diagnose dialog dialyse diarre diarré dicillin dig digital digoxin direkte diskussion
    diskutere disponer dissemineret distrikt dl dnr dobbelt dog dok dolol dom domstol donor doser dosere dosering
    doseringsæske dosette dosis dosispakket dosisrulle dragt drak dramatisk dreje dreng drevet drift drik drog drop
    dropper drukket dryppe dræb dræbe dræbt dræn dræne drøfte drøm dråbe duft dukke dukkert dum durogesic dusin
    dvitamin dvs dyb dygtig dykke dyne dyr dyrk dyrlæge dysfagi dæk dække dæmp dæmpe dø død døde dødelig døds døende
    døgn døgnrytme døgnrytmeplan dør dørklokke dørtelefon dørtrin døv dåb dårlig dér e ebixa eboks eddike effekt
    effektiv efter efterfølgende efterhånden efterlad eftermiddag efternavn eftersom efterspørg efterår egen egentlig
    eget egne egnet ejendom ejer ekg eks eksamen eksem eksempel eksempelvis ekspert ekstra el elastik elektrisk
    elektronik elektronisk elementer elev elevator eliquis elkøretøj eller ellers elleve elscooter elsk em email emne
    enalapril end endda ende endelig endnu endskønt endt ene enebolig energi energidrik eneste engelsk englænder enhed
    enhver enig enke enkel enkelt enkeltmand enkemand enlig enorm ens ensom enten eoj epikrise epilepsi episode
    erfaring ergoterapeut ergoterapi erhverv erkend erkendte erklær ernæring erstat erstatning etabler etablere etage
    europæisk eventuel eventuelt evig evne evt excipient exelon f fabrik facade facialisparese fag faglig fakta
    faktisk faktum fald faldet faldt familie fandt fange fantastisk far fare farlig fart farve farvel fascineret fast
    faste fastholde fastvagt fatte fattet fattig feber februar fedt fejl fejle fejlernæret fejlsynker felt feltet
    femte femten fentanyl ferie ferievagt fest festlig fibrin fik film fin finansier finansiering finder finger fingre
    firma firs fisk fjende fjerde fjern fjerne fjernsyn fjorten flad flag flaske flere flertal flest flestes flink
    fliser flittig flot flov flugt flyde flygte flygtning flyt flytning flytte flytter flyv flænge fløj fløjet fm fod
    fodbold fodpleje fodring fodterapeut foged fokus fold folk folke folkeskole foragt foran forandre forandring
    forbedr forbedret forbered forberede forbi forbind forbindelse forbinding forblive forbruge forbrydelse forbud
    forbyde fordel fordele fordeling fordi fordoble forebyg forebyggende foredrag foregå forelsk foreløbig foren
    forening foreslå foretag foretrække forfald forfat forflyt forflytning forfærde forgifte forgæves forgårs forhandl
    forhindr forhold forhøj forhør forkammerflimren forkert forklar forklare forkølet forlad forlade forlod
    forløbskoordinator form formand formentlig formiddag formuler formål fornavn fornem fornemmelse fornuft fornøje
    forrest forretning forring fors forsamling forside forsikre forsikring forsk forske forskel forskellig forskning
    forslag forslå forslået forstand forstod forstoppelse forstuve forstyrr forstå forståelse forsvandt forsvar
    forsvind forsvundet forsyn forsøg fortalt fortid fortjen fortolk fortov fortsat fortsæt fortsætte
    fortykningsmiddel fortæl fortælle forud foruden forure forvent forvir forvirret forvirring forværre forværret
    forværring forældre forår foto fra frakke fraktur framelde fransk franskbrød franskmand fraskilt fravær fredag
    frede fredelig frekvens frem frembring fremfor fremgang fremme fremmed fremmest fremover fremragende fremskreden
    fremstille fremtid fremtrædende fri frihed friks frimærke frisk frisør frivillig frokost fron frugt frygt frys
    fryser frøs fugl fugt fugtig fugtighedscreme fuld fuldmagt fuldstændig fulgte fund fundet fungere funktion
    funktionsevnetilstand furix fx fy fyld fylde fyr fyrre fysik fysioterapeut fysioterapi fysisk fægte fælde fælles
    fænomen færd færdig færre fæstne fætter fødder føde fødsel fødselsdag fødselsdato født føj føl føle følelse føler
    følg følge følgende følger følsom førend fører førhen først første førstnævnte førtidspension få får g gabe gade
    galde galt gammel gang gangbesvær gange gangfri gangstativ ganske garage garanti gardin gasse gave gebis geder
    genboer gene general generation generel genindlagt gennemfør gennemgang gennemgå gennemsnit genoptage genoptræning
    genstand gentag geriatrisk gerne gerning gevinst gift gigt gik gips give givet glad glas glatte glatteis gled glem
    glemme glemmer glemsom glid glide glidelagen glidestykke glimrende glimt glæder god goddag gods golf gop grad
    grafik gram granulation gras gratin greb grebet grej grim grin grine gris grund grundet grundig grundlag gruppe
    gruppeleder gruppere græde græder grædt græns grænse græs græsplæne grød grøft grøn grønsag grøntsager grå gråd
    grådlabil gud gul guldbryllup gulv gulvet gulvtæppe gummi gyldig gymnastik gynge gyse gæld gælde gæst gæt gæve gå
    gåde går gård gås gåtur gåture h hage haldol hallucinationer hallucinerer hals halv halvdel halveret halvfems
    halvfjerds halvsidig halvtreds halvår ham hammer hamre hand handicap handl handle handleanvisning handling handske
    hang harmoni hav have haven haveport havn havregrød hb hbg hed hedder hede hegn hej hektar hel helbred helbrede
    helbredstilstand held heldigvis hele heller hellig helligdag helligdage helst helt hem hemmelig hen henad hend
    hende henfør hengive henhold henne henover hensigt hensyn hent hente henter henvend henvendelse henvis henvise
    henvisning herefter herfra herhen heri herned heroppe herre hertil herude hest heste hhv hidtil hilse hilsen
    himmel hinanden hinde historie hjalp hjemme hjemmebesøg hjemmefra hjemmehjælp hjemmehjælper hjemmesygepleje
    hjemmesygeplejerske hjemmeteam hjemmevejleder hjerne hjerneblødning hjerte hjerteanfald hjertelig hjertemagnyl
    hjertesvigt hjælpeløs hjælpemiddel hjælpemidler hjælper hjælpsom hjørne hm hof hofte hoftebrud hoften hold
    holdning holdt hop hoppe horisont hos hospice hospital hospitalsseng hoste hotel hoved hovede hovedet hovedpine
    hovedsag hovedsagelig hud hudafskrabning huder hudpleje hue huk hul hulter humor humør hund hundred hundrede
    hurtig hus husk huske husker husleje husstand hustru hvede hver hverdag hverdage hverken hvid hvile hvilken hvis
    hviske hvoraf hvorefter hvorfra hvorimod hvorledes hvorpå hvortil hvorved hvorvidt hygge hygiejne hylde
    hypertension hyppig hysterisk hæder hækling hæl hælde hælsår hæmatom hæmme hæmorider hænd hænder hæng hænge hær
    hærde hæv hæve hævede hævelse høflig høj højde højre højskole højtlæsning høne høns hør høre høreapparat hørelse
    hører hørt håb håbe håber hånd hånde håndgreb håndklæde håndled håndtag håndter hår hård i iaften ibuprofen idag
    ide identificer identitet idet idræt idé ifald iflg ift ifølge igang igangsat igangsætte igen igennem igår ihærdig
    ii iii ilt iltapparat iltmangel im imellem imens imidlertid imod imorgen imovane import impuls inaktiv ind indad
    indberet indbyg indbygger indeholde inden indenfor inderlig indflydelse indflytning indfør indgang indgiv indgå
    indhold indikation indirekte individ indkald indkøb indkøbsliste indlagt indlede indledning indlæg indlæggelse
    indlæggelsesdato indover indre indret indrøm indsats indsatser indse indsend indsigt indstil indsulin indtag
    indtage indtagelse indtil indtryk indtægt industri indvilge indvirk indånde infarkt infektion influenza
    information informer informerer ingeniør ingens ingenting initiativ inkl inkontinens inkontinent inr inspir
    instans institution instruer instruks insulin int interessant interesse intern international interview
    intimhygiejne introduktion invit involver ipren is isoleret især italiensk iv ivejret ivrig j ja jag jagt jakke
    jan januar jern jerngreb jf jo job jord jordisk journal journalist journalnr juice jul juleaften juli juni
    juridisk jurist justitsminister jvf jævn jævnlig k kad kade kaffe kage kald kalde kalender kaleorid kalori kamera
    kammer kammerat kanal kande kandidat kant kanyle kap kapital kapsel kar karakter kardiologisk karklud karriere
    kartoffel kartofler kassere kast kaste kat kateter kateterpose kateterposer katte kcal ked kede kedelig keder
    kejtet kemoterapi kend kende kendskab kendt kerne kg kigge kilde kilo kilometer kim kinder kinesisk kirke kirurg
    kirurgi kiste kjole kl klag klage klager klap klar klare klasse klassisk klatre klaver klemme klient klinik klip
    klippe klistre klode klog klokke klokken klub klud klynge klæbe klæde klædt klø kløe kløg km knag knald knap kniv
    knogle knogleskørhed knus knæ knækbrød ko kode kodein koder kog koge kol kold kolde koldt kollega kolonne kom koma
    kombiner komfur kommando kommende kommentar kommentere kommer kommet kommission kommode kommunal kommunen kommunik
    kommunikation kompleks kompliceret komplikation kompression komprim koncentr koncept kone konfirmation konflikt
    konfus konfusion konge kongelig konkret konkurrence konsekvens konserv konstant konstater konsultation kontakt
    kontakter kontaktperson kontant konto kontonr kontor kontra kontrakt kontrast kontrol kontroller kontrollere
    kontrollør kontroltid konvention kop kopi kor koral korrekt korrektion korset kort korttidsplads kost kostplan
    kostvejledning kr kradser kraft krampe kran krav kreativ kreds kredse kridt krig kritik kritisere kritisk krone
    kronisk krop kropslig kryb krybe krydder kryds krydse krykke kræft krænk kræve krølle kugle kujon kul kulde kult
    kultur kunde kunnet kunst kunstig kurs kursus kurv kurve kusine kusk kuvert kvalificeret kvalitet kvalm kvalme
    kvart kvarter kvik kvinde kvist kvittering kylling kyndig kys kyst kæbe kæde kælder kælderen kæmpe kænguru kæreste
    kærlig kærlighed kø køb købe køber købmand kød kødsår køer køjs køl køle køleskab køn køre kørepose kørerute
    kørestol kørsel kørt l lad ladet ladning lag lage lager lagt laken laksoberal laktulose lam lamme lammelse lampe
    landmand landsby landskab lang langsmed langsom langt last laste latter lav lave led ledd leddegigt lede ledelse
    leder ledig ledsag ledsage ledsager leg lege legeme leje lejer lejlighed lejlighedsvis lejr lejrer lejring lektie
    lemmer let lever leverandør leveres levering leversygdom lid lide lidelse lidt lift lig lige ligeglad ligegyldig
    ligeledes ligesom liggende ligger ligne lignende lilla linje liste liter litteratur livlig livmoder livskvalitet
    livsstil loft loftlift log logisk logopæd lokal lokale lokalitet lomme lommer losartan lov love luft lugt lugte
    lugter lukke lukket luksus lunge lungebetændelse lus luske lyd lyde lydig lygte lykkelig lykkes lymfe lyn lyse
    lyserød lyst lystig lytte læg læge lægehus lægelig lægevagt lægevagten lægge lække lækker lænd læne længe længere
    længes længst lære læreplads lærer lærling læs læse læser læsion læsning løb løbe løbende lød løft løfte løfter
    løgn løj løn lørdag løs løse løsning låg lån låne lår lås låse m macereret madopar madras madservice mag mager
    magnesia magnyl magt magte mail maj maks mal male maling malt mand mandag mange mangel mangen mangl mangle mangt
    marevan marked marts maskine massage masse massiv mat match materiale mave mavepine mavesmerte mavesår max mcg mdr
    medarbejder meddel medens medfør medhjælp medicingivning medicinliste medicinsk medicinskab medie medlem medlid
    medmindre medvind medvirk mejeri melatonin melde meldt mellem mellemmåltid mellemtid melodi memantin men mener
    mening menneske menneskelig mens menstruation ment menu merudgift metal metastaser meter metformin metode
    metoprolol mg mht middag midde middel midler midlertid midlertidig midt mig mikrobølgeovn mild milion militær
    miljø mill milliard million mimik min minde minder mindes mindske mindst minimum minister ministerium minus minut
    mio mirtazapin misbrug misforstå mislykkes missil mist mistanke miste mister mitid ml mm mmhg mmol mobil
    mobilisere mobiliserer mobilisering mobiltelefon modarbejder mode moden moderne modgå modig modsat modstand
    modsætning modtag modtage modtagelse modtaget modvillig moms mon monarki montere mor moral moralsk mord morfin
    morgenmad morgenpleje morges morsom motion motionere motiv motiveret motor motorisk movicol mr mrsa mulig mulighed
    mund mundering mundhygiejne mundpleje mur mus museum musik muskel mutter mv myndig myndighed myrde mystisk mælk
    mænd mængde mærke mærker mæt møbel møde mødes mødt møg mønster mønt mørbrad måde mål måle måler måling måltid
    måneder månedlig månedligt mår måske måtte n nabo naboer naboerne nakke narkose nation national nationalitet
    natkjole natlig natsygeplejerske natten natteravn nattevagt nattøj natur naturlig navle navn ned nedad neddrosle
    nedenfor nedenunder nederlag nederst nedgang nedre nedsat nedsætte nedtrap nedtrapning nedtrykt neg negativ negl
    negle negleklipning nej nekrose nem nemid nemlig nemt nerve nervøs net netbank netop netværk neuro neurologisk
    nevø ni niece niende nikke nit nitten niveau nogenlunde nogens nogensinde nok nomade nordmand norm normal norsk
    notat noter november nr nuancere nul nulle nummerplade nuvær nuværende ny nyde nydelig nyhed nykturi nylig nyre
    nyresvigt nyse nyserum nytte nyttig nytår nægter næppe nær nærbillede nærheden næring nærme næse næsten næv nævn
    nævne nød nødkald nødvendig nøgen nøgle nøgleboks nøgtern nøjagtig nøje nøjes nå nåde nåede nål o oberst objektiv
    obs observation observer observere observerer obstipation obstipationstendens obstiperet ode offentlig offer
    officiel ofre oftest og ogs også ok okay okse oktober oldebarn oldebørn olie omend omeprazol omfang omfat omfatte
    omgang omgiv omhygge omkr omkring område omsider omsorg omsorgsperson omstændig omsætning omtal omtrent omvendt
    ond onkel onkologisk onsdag op opad opdag opdage opdater opdel operation operer operere opfat opfattelse opfordr
    opfylde opfølg opfølgning opføre opgang opgave opgiv opgør ophjælpning ophold ophør opkald opkast opkastet
    opkastning opleve oplevelse oplever oplys oplysning oplæring opløb opløse opløsning opmærksom opmærksomhed
    opmærksomme oppe opret oprette opring opringning oprykning opsagt opsat opslag opsparing opstart opstarte opstå
    opsyn opsøg opsøge opsøgt optag optage optaget optrappe optræde optræn opvarm opvask opvaskemaskine opvej opvokset
    opvågn orange ord orden ordentlig ordin ordination ordinere ordineret ordinering ordne ordning ordre organ
    organisation orient orienter orientere orienterer orienteret orientering original ortopædkirurgisk os ost
    osteoporose osv otte ottende ovenfor ovenover ovenpå ovenstående overalt overbevis overblik overbo overdrag
    overens overenskomst overfald overflade overflyt overflytning overfor overfør overgang overhale overhovedet
    overlad overlev overleve overlevering overmorgen overnat overrask overse oversigt overskrid overskue overslag
    overstå overtag overtage overtale overtog overtræk overvej overveje overvægt overvåg ovn oxapax oxycontin p padde
    padle pakke pakning palliation palliativ pamol pande panel panik panodil pantoprazol papir par paracetamol paradis
    paranoid park parkering parkinson parlament parti partner pas passage passe passende passer passiv patient pause
    pauseret pc pct peg pege pegefinger pelse pen penge penicillin pension pensionist pensions perfekt periode
    permanent perron person personale personlig personløfter pga ph pige pille pilot pine pinkode pinse pisse
    pivmecillinam pjece pkt pladder plads plage plakat plan planlæg planlægge planlægger planlægning plante plask
    plast plaster plastic pleje plejebolig plejecenter plejehjem plejehjemsplads plejepersonale plejer plejeseng plet
    pludselig plukke plus pn pneumoni po podning poet pol politi politik politiker politisk polsk polstre populær
    portion pose posebandager positiv post postnr potteplante pr pragt praksis praktik praktisk prednisolon pres
    presse prik primær princip pris privat probl problem problemløs procedur procedure procent proces producent
    produkt produkter produktion profess program projekt promille protein proteindrik protese protest prov præcis præg
    præge præmie præparat præsentere præsident prøv prøve prøvesvar psyke psykiatri psykisk psykolog psykose publikum
    pude puls pulver pumpe pund pung punkt pus puslespil pust puste pynt pædagog pæn pølse påbegynd påbegyndt påføre
    pågæld påklædning pålæg påpeg pårørende påske påskud påstå påvirk påvirket påvirkning q quetiapin r ra racer
    racerbil rad radiator radio ram ramme rampe ramt ramte rand rap rapport rapportere rar rasende rask rastløs
    rationel reagere reagibel reaktion recept reception red redde rede redegør redigere reducere reduceret reduktion
    reel reelt referat refleks reform reg regel regering regionen register regler regn regne regning rehabilitering
    rehabiliteringsplads rej rejs rejse rejst rejste reklame rekord rel relation relevant religion ren rengør
    rengøring rens rense reparere repræsent republik reservere reserveret resource resp respekt respiration
    respirationsfrekvens ressource rest restaurant restriktion result resultat ret retning rette retten rettig
    rettighed returnere reumatisme rev revalid revisor revne rib ribben rift rig rigtig rimelig ring ringe ringer
    ringet ris risikere risiko risperdal rive river roer rolig rollator rolle rolling roman rotation rs rugbrød rulle
    rullestol rum rund rundt rush rusle russisk rute rutine rydde ryg ryge ryger rygning rygte ryk ryst ryste rystede
    række rækkefølge rækkehus rækkevidde rød rødme rør røre rører røve rå råb råbe råber råbt råd råde rådgive
    rådgivning s sad saft sag sagsbehandler sagsnr sagt sagte saks salg salt samarbejde samarbejdende samarbejder
    samboende samfund saml samle samlede samlet samlever samling samme samt samtale samtid samtidig samtlige samtykke
    samvittighed samvær sand sandhed sandsynlig sang sank sat sats satse satte saturation savle savn savne sc scene
    sclerose score sct se seddel sej sejle sejre sek sekret sekretær seksten sekund sekundær sel selexid selskab
    selvbestemmelse selve selveste selvfølgelig selvhjulpen selvmord selvmordstanker selvskade selvstændig sen sende
    senere senest seneste seng senge sengeafdeling sengebord sengebøjle sengehest sengekant sengeleje sengeliggende
    sengelinned sengeplads sengetid sengetøj senil sensitiv seponeret september ser seriøs sertralin servere service
    ses set sidder side sidebord siden sidst sidste siger sign sigt sikker sikkerhed sikre sikring simvastatin sind
    sindig sindssyg sinemet situation sjask sjette sjov sjæl sjælden skab skabe skade skadestue skadestuen skaffe skal
    skala skaldede skam skamme skandale skar skarp ske skel skelne skema sket skete ski skib skift skifte
    skifteholdsarbejde skiftet skik skikkelse skille skilsmisse skilt skilte skin skinke skinne skinneben
    skinnebenssår skive skjorte skjule sko skole skoleelev skoleår skr skraldespand skrammer skreget skrevet skridt
    skrift skriftlig skrig skrige skrive skriver skrivning skrue skruk skrøbelig skub skubbe skud skuespil skuffe
    skuffelse skulder skyde skyklapper skyl skyld skylde skyldes skylle skylles skylning skyr skæbne skæld skælde skær
    skære skærmbesøg skærmopkald skæv skød skønne skønt skål skånsom sladre slag slagne slagter slagteri slange slank
    slap slapp slappe slem slet slette slid slide slidgigt slik slim slip slippe slog slot sludre slug sluge slukke
    slut slutte sluttede slæb slæg slægt sløv slå slået slår slås smag smage smager smal smart smedje smertedækket
    smertefri smerteplaget smerteplaster smerter smil smile smitte sml smuk smukt smule smurt smør smøre småkager
    småtspisende snak snakke snaps snarest snart snavs snavset sne sno snore snot snude snyde social socialrådgiver
    sodavand sofa soignere soigneret sol soldat solskin som somalisk sommer sommerhus sonde sondeernæring sondemad
    sorg sort sov sove sovemedicin soveværelse sovn sovs spand spansk spare special speciale specialist speciel spejl
    spids spil spild spilde spille spin spinde spiriva spise spiselig spiser spisested spisning spist splint spor
    sport sports sportstøj sprang spring springe sprog sprøjte spurgt spyd spyt spytter spænd spænde spændende spændt
    spærre spørge spørger spørgs spørgsmål st stabil stabiliseret stadie stadig stadigvæk stadion stak stakkel stam
    stand standard stander standse start stat stationær statistik statsadvokat status stav stearin sted steg stegte
    stelle stemme stemning sten step stesolid stet sti stige stigning stik stikke stil stille stillestående stilling
    stime stimul stimulere stiv stjal stjerne stjæle stk stks stod stof stofskifte stok stol stolegymnastik stolt
    stomi stomipose stop stor storebror straf straks stram stranden strategi streg streng stribe strik strikke
    strikketøj strop struktur struktureret strøg strøm strømpe strømpepåtager strømper studere studie studium stuegang
    stuen stund sturen stykke stykkevis styr styre styrke styrtet stænk stærk stævne stød støde stødig støj større
    støtte støtter støttestrømpe støttestrømper støv støvle støvsug støvsuget stå stålift ståplads står sukke sukker
    sukkerfri sukkersyge sulte sulten sump sund sundhed suppe supplement supplere sur sut suturer svag svage svamp
    svandt svar svare svarer sved svede svensk svensker svie svigerdatter svigerinde svigersøn svigt svigte svimle
    svimmel svimmelhed svin svinde svinge svoger svor svække svækket svær sværtbesværet svøm svømme svømning syet syg
    sygdom sygdomme sygdomsforløb syge sygehus sygemelde sygemelding sygeorlov sygepleje sygeplejefaglig sygeplejerske
    sygeplejeske syl sym symbicort symptom syn syne synes synge synk synke synlig syring system systematisk sytten
    syvende sæbe sæde sædvane sædvanlig sæk særlig særlige sæt sætning sætte søbemad sød søfolk søg søge søger søgte
    sølv sølvbryllup søm sømand søn søndag søskende søster søvn søvnig søvnløs søvnløshed så sådan sådanne sået
    såfremt såkaldt således sålænge sår sårbar sårbehandling sårbund såre sårkant sårpleje sårskift sårskiftning såsom
    såvel t tab tabe tablet tabt tabte tag tage taget tak takke takker tal tale talent talrig tand tandbørstning
    tandlæge tandpine tandprotese tang tanke tankegang tap tarm taske tav tavle tavs taxa te teamleder teater tegn
    teknik teknisk teknologi tekst telefon telefonnummer telt temmelig temperatur tempo tend tendens terapeut terapi
    termin terminal terminalpleje terminaltilladelse tern terrasse tese test testamente teste tia tid tider tidlig
    tidligere tidspunkt tidsrum tidsskrift tie tied tiende tier tilbage tilbagefald tilbagemeld tilbehør tilbring
    tilbud tilbyde tilfreds tilfælde tilfældig tilføj tilgang tilgive tilgængelig tilhøre tilkald tilkalde tilkaldt
    tillade tilladelse tillid tillige tillæg tilløb tilmeld tilpas tilpasning tilpasse tilret tilse tilsete tilsidst
    tilskud tilskuer tilstand tilstande tilstede tilstedeværelse tilstrækkelig tilstød tilsv tilsvar tilsyn
    tilsyneladende tilsæt tiltag tiltagende tiltale tilvær tilværelse time timevis ting tinglyse tirsdag tisse
    tissetrang titel tja tjek tjekke tjene tjeneste tjenester tlf tobak tog toilet toiletbesøg toiletforhøjer
    toiletstol toilette tolk tolke tolv tom tomhed ton tone tonet top toppe torn torsdag torsk torso tosset total tp
    traditionel traditioner traf trafik trak tramadol trang transferbænk transport trappe traumatisk traume travl
    tredive tredje trend tres tretten triage trimopan trin trist triste triv trives trivsel trods trold trombose tromp
    trompet trone tropper tror trukket tryg tryghed tryghedsopkald tryk trykaflastende trykke trykker tryksår træ
    træffe træk trække trækning træn træne træning træt træthed trævle trøje trøst tråd trådt tsi tt tube tuberkulose
    tumle tumor tung tunge tur turist tusind tv tvang tvillinge tvinge tvivl tvivle tværfaglig tværs tvært tværtimod
    tyde tydelig tygge tyggegummi tyk tykkelse tyn tynd tyngdedyne tynge type typisk tyran tyrkisk tysk tysker tyv
    tyve tæer tæft tælle tæller tænd tænde tænder tænke tænkt tæppe tærskel tæt tø tøj tøjvask tøm tømme tør tørre
    tørretumbler tørst tørste tørstig tøve tå tåbe tåle tålmod tålmodig tåre tårn u uafhængig uanset uantast uantastet
    ubehag ubehagelig ud udad udadreagerende udbetal udbrød udbyt udd uddan uddannelse udebliv udegående udelade
    udelukke uden udenfor udenlandsk uder udfald udflugt udfordring udfyld udfør udføre udgang udgift udgive udgør
    udgøre udland udlej udleve udlever udluftning udmattet udnytte udover udrede udredning udsat udseende udsende
    udsending udsigt udskill udskreven udskrevet udskrift udskrive udskrivelse udskrivning udskyde udslæt udstil
    udstrækning udstyr udsætte udtale udtryk udtrykke udvalg udvikle udvikling udvis uenig uens uforandret uge ugedag
    ugentlig ugentligt ugift uheld uhensigtsmæssig uholdbar ukend ukendt ultralyd ulykke umiddelbar umotiveret umulig
    under underben underbo underlag underlig underskrift understrege understøtte undersøg undersøgelse undertegnede
    undertiden undervise undervisning undgå undlade undr undre undrer undskyld undskylde undtagelse undtagen undulat
    ung ungdom ungdomsbolig unge unik unikalk union univers upåvirket uridom urin urinere urinlade urinprøve urinvej
    urinvejsinfektion uro urolig usandsynlig usikker utal utilpas utilstrækkelig utrolig utroligt utryg utæt uvi
    uvirksom uændret uøm v vaccin vaccination vaccine vaccinere vagthavende vagtlæge vagtlægen vakle valg valgte vand
    vandladning vandladningsbesvær vandrer vandt vane vaner vanskelig vant var vare varer varetage variation varig
    varighed varm varme varmt varsel varslet vask vaske vaskemaskine vasket vasketøj vederlag vedligehold vedr
    vedrørende vedvarende vegetar vej veje vejer vejet vejled vejleder vejledning vejning vejr vejrtrækning
    vejtrækning vekselvis vel velbefindende velegnet velfungerende velfærd velkommen ven vende vender vending vendt
    veninde vente venteliste ventetid ventilation ventoline venøst verden verdensdel vers verserende version vestlig
    vh vha vi via vibrere viceværter vid vide videnskab video videre vidne vidste vigtig vii vikar vild vilkår villa
    villet villig vin vind vinde vindue vinge vinke vinter virke virkelig virkelighed virker virkning virksom
    virksomhed virus vis visdom vise visitation visitationen visitator visitere visne viss visse vist vitamin vittig
    vogn vokse voksen vold voldelig voldsom vor vore vort vove vrangforestillinger vred vrede vredes vride vugge
    vuggestue vurdere vurderer vurdering væg vægt vægter vægttab vække vælge vælte vænne værd værdi værdig være
    værelse værge værktøj værre værst væske væskeindtag væskende væskeskema væv våben våd vågen vågne w warfarin
    weekend weekendvagt x xarelto y yde ydelse yderligere yderst ydre ynde yndlings yngre yngst ynke yoga yoghurt z
    zinksalve zone zopiclon zyprexa æble æg ægte ægtefælle ældre ældrebolig ældst ændre ændring ære ærede ærgre ærlig
    ærme æske øde ødelæg ødem ødemer øge øget øje øjeblik øjendryp øjendråber øjenlæge øjne økonomi økonomisk øl øm
    ømhed ømme ønske ønsker øre ørepropper ører øresus øv øve øvelse øverst øvre øvrig å åben åbenbar åbne åd ånd ånde
    åndedræt åndenød åndssvag år åre årevis årgang århundrede årlig årligt årsag årstid én
    """
)
_ENDINGS = (
    "",
    *"""
    e s en et er es n ne r t d ens ets ers erne ernes ene enes te ede de nde ende ere est este ige ig lig lige ligt
    isk iske ing ingen inger ning ningen ninger else elsen elser het hed heden heder bar bart som løs løst løse vis
    mæssig mæssige tes des edes igt nes rne rnes rs
    """.split(),  # noqa: SIM905
)
_KNOWN = (_STEMS | ORDINARY | NO_NAMES | CUES | FIRMS) - PLACES
_LINKS = ("", "s", "e")
_LONGEST = 60  # letters; no Danish word is longer


def is_place(low: str) -> bool:
    """Return whether a word in lower case is a place, its genitive too."""
    return _genitive_in(low, PLACES)


def is_proper(low: str) -> bool:
    """Return whether a word with a capital is a place or a firm, and so no person's name."""
    return _genitive_in(low, PLACES) or _genitive_in(low, FIRMS)


def may_be_name(low: str) -> bool:
    """Return whether a word at the start of a sentence is a common name, though it is an ordinary word too."""
    return low in WORDS_TOO or ((low in FIRST_NAMES or low in SURNAMES) and low not in _NEVER)


_NEVER = _words("den der det de han hun vi jeg i is en et er at og men mad sne ti to tim tom may dan")


@lru_cache(maxsize=65_536)
def is_known(low: str) -> bool:
    """Return whether a word in lower case is in the vocabulary: itself, inflected, or made of two that are."""
    if len(low) > _LONGEST:
        return False
    if len(low) == 1 or _inflected(low):
        return True
    if "-" in low:
        return all(is_known(part) for part in low.split("-") if part)
    return any(_first_part(low[:cut]) and _inflected(low[cut:]) for cut in range(3, len(low) - 2))


@lru_cache(maxsize=65_536)
def is_plain_word(low: str) -> bool:
    """Return whether a word in lower case is so long, and so surely Danish, that a capital does not make it a name.

    Stricter than `is_known`: no short word, no loose ending, and a compound of two whole words only.
    """
    low = low[:-2] if low.endswith(("'s", "’s")) else low
    if not 7 <= len(low) <= _LONGEST or low in FIRST_NAMES or low in SURNAMES:
        return False
    if low in _KNOWN or (low.endswith("s") and low[:-1] in _KNOWN):
        return True
    cuts = range(4, len(low) - 4)
    return any(len(low[:cut].rstrip("s")) >= 4 and _first_part(low[:cut]) and _inflected(low[cut:]) for cut in cuts)


def _inflected(low: str) -> bool:
    for ending in _ENDINGS:
        if low.endswith(ending):
            stem = low[: len(low) - len(ending)]
            if stem in _KNOWN and (len(stem) > 2 or not ending):
                return True
            if len(stem) > 3 and ending and stem[-1] == stem[-2] and stem[:-1] in _KNOWN:
                return True  # kat, katten
            if ending and len(stem) > 3 and stem + "e" in _KNOWN:
                return True  # begynde, begyndte
    return False


def _first_part(low: str) -> bool:
    return any(low.endswith(link) and low[: len(low) - len(link)] in _KNOWN for link in _LINKS)


def _genitive_in(low: str, words: AbstractSet[str]) -> bool:
    if low in words:
        return True
    if low.endswith(("'s", "’s")):
        return low[:-2] in words
    return low.endswith(("s", "'", "’")) and low[:-1] in words
