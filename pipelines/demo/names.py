"""Names, streets and districts of a municipality that does not exist: common ones, put together by chance."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_WOMEN = _words(
    """Anna Anne Anni Annelise Annette Asta Astrid Aase Bente Bente-Lis Berit Birgit Birgitte Birthe Bodil Britta
    Charlotte Christa Conny Dagny Doris Dorte Dorthe Edel Edith Elin Elisabeth Ella Ellen Else Elna Emma Emmy Erna
    Ester Eva Fanny Gerda Gitte Grete Grethe Gudrun Gunhild Hanne Hanne-Lise Hedvig Helen Helene Helga Helle Henny
    Herdis Hilda Inga Inge Ingeborg Inger Ingrid Irene Iris Irma Jane Jette Johanne Jonna Jytte Kaja Karen Karin
    Karla Kate Kirsten Kirstine Kitty Lene Lilian Lilly Lis Lisbeth Lise Lone Lotte Lydia Magda Maren Margit
    Margrethe Marianne Marie Merete Mette Minna Mona Nanna Nelly Nina Oda Olga Pia Poula Ragnhild Rigmor Rita Rosa
    Ruth Signe Solveig Sonja Susanne Sussi Svea Sylvia Sørine Thea Thyra Tove Ulla Valborg Vera Vibeke
    Viola Vita Winnie Yrsa"""
)
FIRST_MEN = _words(
    """Aage Ove Aksel Alfred Allan Anders Anker Arne Arnold Asger Bent Benny Bernhard Birger Bjarne Bo Boje Børge
    Carl Carsten Christian Claus Dan Ebbe Egon Egil Ejner Ejvind Elo Emil Erik Erling Ernst Evald Finn Flemming
    Frank Frede Frederik Frits Georg Gert Gorm Gregers Gunnar Gunner Hans Harald Harry Helge Helmer Henning Henrik
    Henry Herluf Holger Hugo Ib Ivan Iver Jakob Jan Jens Jesper Johan Johannes John Jørgen Jørn Kaj Karl Karsten
    Keld Kjeld Knud Kresten Kristian Kurt Lars Laurids Leif Leo Ludvig Mads Magnus Marius Martin Michael Mogens
    Niels Ole Orla Oskar Otto Palle Paul Peder Per Peter Poul Preben Rasmus Richard Robert Rolf Rudolf Rune Sigurd
    Steen Sten Svend Søren Tage Thorkild Thorvald Tom Torben Troels Uffe Uwe Vagn
    Verner Viggo Vilhelm Villy Åge"""
)
LAST = _words(
    """Abildgaard Andersen Andreasen Bach Bagger Bak Bang Bech Berg Berthelsen Bertelsen Bisgaard Bjerre Boesen Bonde
    Brandt Bruun Buch Bøgh Carlsen Christensen Christiansen Clausen Dahl Dalsgaard Dam Damgaard Davidsen Duus Ebbesen
    Eriksen Eskildsen Fischer Fogh Frandsen Frederiksen Friis Gade Gregersen Greve Grøn Hald Hansen Hedegaard Henriksen
    Hermansen Hjort Holm Holst Hougaard Høj Højgaard Ibsen Iversen Jacobsen Jakobsen Jensen Jeppesen Jepsen Jespersen
    Jessen Johansen Johnsen Juhl Jul Justesen Jørgensen Kaspersen Kjær Kjeldsen Klausen Knudsen Koch Kofoed Kristensen
    Kristiansen Krogh Kruse Lange Larsen Lassen Lauridsen Lauritsen Lind Lorentzen Lund Lykke Madsen Markussen
    Mathiesen Meyer Michelsen Mikkelsen Mogensen Mortensen Munk Møller Nielsen Nilsson Nissen Nygaard Olesen Olsen
    Overgaard Paulsen Pedersen Petersen Poulsen Povlsen Rasmussen Ravn Riis Rosendahl Schmidt Schou Schultz
    Simonsen Skov Sloth Steffensen Svendsen Søgaard Sørensen Thomsen Thygesen Toft Vestergaard Villadsen Vinther
    Winther Østergaard"""
)
FOREIGN_WOMEN = _words(
    "Aisha Amina Azra Emine Fadime Fatma Fatima Gordana Halima Jadwiga Jasmina Krystyna Ljubica Maryam Nermin "
    "Parvin Shahnaz Thi-Lan Zahra Zeynep"
)
FOREIGN_MEN = _words(
    "Abdullah Ahmed Ali Andrzej Dragan Hassan Hüseyin Ibrahim Jovan Kemal Mehmet Mohammad Mustafa Omar Osman "
    "Radovan Reza Tadeusz Van-Minh Yusuf"
)
FOREIGN_LAST = _words(
    "Ahmed Ali Ahmadi Aydin Begic Celik Demir Hassan Hosseini Hussain Jovanovic Kaya Khan Kowalski Kovacevic "
    "Mahmoud Nguyen Nowak Petrovic Rahimi Said Tran Yildiz Yilmaz Öztürk"
)
STREET_STARTS = _words(
    """Agern Ahorn Birke Bispe Blomster Bøge Drosselen Elme Engelsk Enghave Fasan Fyrre Gartner Gran Gransanger Gyden
    Hassel Havre Hede Hjorte Hvede Hyacint Højlund Irisen Jasmin Kastanje Kirke Kløver Korn Kærlund Lærke Lilje
    Linde Lyng Mark Mejse Mose Møllelund Nattergale Nelliken Pile Plantage Poppel Ravne Ribs Rosen Rug Røn Skov
    Skrænten Slåen Solsorte Spurve Stær Syren Tjørne Tulipan Valmue Vibe Violen Ært Ørne"""
)
STREET_ENDS = ("vej", "vænget", "parken", "stien", "gade", "toften")
TOWNS = (("9991", "Eksempelby"), ("9992", "Nørre Eksempel"), ("9993", "Sønder Eksempel"), ("9994", "Eksempelstrand"))
DISTRICTS = ("Midtby", "Nord", "Syd", "Øst", "Vest", "Havn", "Land", "Skov")
CARE_HOMES = _words(
    "Solgården Bøgelunden Lindehaven Kildevæld Engparken Søglimt Birkebo Rosenhaven Skovbrynet Møllebo Havblik "
    "Egelunden Kastaniegården Åbrinken Lyngbakken Vestervang Toftegården Pilebo Fjordglimt Hvedebo"
)


def streets() -> tuple[str, ...]:
    """Return every street name, some hundreds, in a fixed order."""
    return tuple(start + end for start in STREET_STARTS for end in STREET_ENDS)
