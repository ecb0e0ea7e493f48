package store

// givenNames are common given names that are not English words as well
// (so no Mark, Will, Grace, Rose or Dawn), nor things that people put on their
// skin (no Vera, Rosemary or Jasmine).
var givenNames = set(`
aaron abdul abigail adam adele adrian agnes ahmed aisha alan alana albert alejandro alex alexa alexander alexandra alexandre alexis alfie alfred alice alicia
alina alison allison alyssa amanda amelia amina amir amy ana anastasia andre andrea andreas andrew andy angela angelina anita anna annabel anne annette annie
anthony antonio anya archie ariana arjun arthur ashley audrey ava ayesha barbara beatrice becky ben benjamin bernard beth bethany betty beverly bianca
boris brandon brenda brian bridget brittany bruce bryan caitlin callum cameron camila carl carla carlos carmen carol caroline carolyn catherine cathy cecilia
charles charlie charlotte chen chloe chris christian christina christine christopher cindy claire clara clare claudia colin connor courtney craig 
cynthia damian dan daniel daniela danielle danny darren dave david deborah debbie deepa denise dennis derek diana diane diego dmitri dominic donald donna
doris dorothy douglas duncan dylan edward eileen elaine eleanor elena eliza elizabeth ella ellen ellie elsa emily emma emmanuel eric erica erika ethan eva
evelyn evie fatima felix fernando fiona florence frances francesca francis freddie frederick freya gabriel gabriela gareth gary gavin gemma geoffrey george
 georgina gerald gillian gina giulia gloria gordon graham greg gregory hannah hans harriet harry harvey hasan helen helena henry howard
hugo hussein ian ibrahim imogen ingrid irene irina isaac isabel isabella isabelle isla ivan jack jackie jacob jacqueline jake james jamie jane janet janice
 jason javier jeff jeffrey jenna jennifer jenny jeremy jerry jess jesse jessica jill jim jimmy joan joanna joanne joe joel johanna john johnny jon
jonathan jorge jose joseph josephine josh joshua joyce juan juanita judith judy julia julian juliana julie juliet justin karen karina karl kate katherine
kathleen kathryn kathy katie kayla keith kelly ken kenneth kevin khadija kieran kim kimberly kirsten kirsty kristen kyle lara larry laura lauren leah leanne
leila lena leo leon leonardo leslie lewis liam lillian linda lindsay lisa liz logan lois lorraine louis louisa louise luca lucas lucia lucy luis luke lydia lynn
madison magdalena malcolm manuel marcus margaret maria mariam marie marina mario marion marjorie marlene marta martha martin martina mary maryam mateo matilda
matt matthew maureen maurice maxine megan mehmet melanie melissa mia michael michaela michelle miguel mike mila millie miriam mohamed mohammad mohammed
moira molly monica muhammad nadia nancy naomi natalia natalie natasha nathan nathaniel neil nicholas nick nicola nicole nigel nikita nina noah noel nora norma
oleg olga oliver olivia omar oscar owen pablo paige pamela patricia paul paula pauline pedro peggy penelope peter petra phil philip phillip phoebe pierre polina
 priya rachel rafael rahul rajesh ralph ramon raymond rebecca regina renee ricardo richard rita robert roberta roberto rodney roger roland ronald
rosalind rosie ross roxanne roy russell ruth ryan sabrina sally sam samantha samira samuel sandra sanjay sara sarah scott sean sebastian sergei
sergio shannon sharon shaun sheila shirley sienna simon sofia sonia sophia sophie stacey stanley stella stephanie stephen steve steven stuart susan susanna
susie suzanne svetlana sylvia tamara tania tanya tara tatiana ted teresa terry tessa theodore theresa thomas tiffany tim timothy tina toby tom tommy tony tracey
tracy trevor tyler valentina valeria vanessa veronica vicky victor victoria vincent violeta virginia vivian vladimir walter wendy william winston xavier
yasmin yolanda yuki yusuf yvonne zachary zahra zara zoe`)

// functionWords are English words that carry a sentence and no subject. They
// name nobody, and two questions are not alike for sharing them.
var functionWords = set(`
a about above after afterwards again ago all almost already also always am an and another any anybody anyone anything anyway are around as ask at away back be
because been before being below best better between both but by bye came can come could day days did do does doing done during each either else enough ever
every everyone everything few first for from gave get gets getting give given go goes going gone good got great had happen happened happens has have having he
hello help her here hers hey hi him his hour hours how however hrs i if in instead into is it its just keep kind know last late later least less let like
little long look looking lot lots made make makes making many may maybe me mean might mine minute minutes month months more most much must my myself near
need needed needs never new next no nobody none nor not nothing now of off often oh ok okay old on once one ones only or other others our out over own people
per perhaps please possible probably put puts putting quite rather really recommend right said same say says second see seem seems shall she should since so
some somebody someone something sometimes soon sorry still stop straight such suggest sure take taken takes taking tell than thank thanks that the their
theirs them then there these they thing things think this those though through till time times to today together tomorrow tonight too took tried try trying
under until up upon us use used uses using usual usually very via want wanted wants was way we week weekend weeks well went were what when where whether which
while who whole whom whose why will with within without wondering would wrong year years yes yesterday yet you your yours
advice allowed alright anymore avoid bad bit cannot cause check does else fine guys im issue normal ok okay question safe start started wait waiting worried
monday tuesday wednesday thursday friday saturday sunday morning afternoon evening night two three four five six seven eight nine ten half`)
